#pragma once

/// Transposes a matrix of floats: y[r * y_stride + c] = x[c * x_stride + r] for r < rows and
/// c < columns. Neither may overlap the other.
void uk_transpose(
    const float *x, long x_stride, float *y, long y_stride, long rows, long columns);
