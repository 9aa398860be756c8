#pragma once

#include <png.h>

/// One byte a pixel, an index into a map of colours without transparency.
static const png_uint_32 PNG_INDEXED_COLORS = PNG_FORMAT_RGB_COLORMAP;
