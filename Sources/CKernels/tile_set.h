// All loops of one instruction set and the table of them. The includer sets LANES, ROWS and NAME.

#include "tile_template.h"
#include "vector_math_template.h"
#include "reduction_template.h"
#include "slab_template.h"
#include "finish_template.h"
#include "softmax_template.h"
#include "pack_template.h"
#include "winograd_template.h"

const uk_kernel_set NAME(uk_set) = {
    .name = SET_NAME,
    .lanes = LANES,
    .rows = ROWS,
    .unary = NAME(unary),
    .binary = NAME(binary),
    .scale_shift = NAME(scale_shift),
    .softmax_rows = NAME(softmax_rows),
    .softmax_columns = NAME(softmax_columns),
    .reduce = NAME(reduce),
    .mean_variance = NAME(mean_variance),
    .normalize_rows = NAME(normalize_rows),
    .product = NAME(product),
    .small_product = NAME(small_product),
    .fill_slab = NAME(fill_slab),
    .finish_row = NAME(finish_row),
    .join_line = NAME(join_line),
    .pack_rows = NAME(pack_rows),
    .winograd_input = NAME(winograd_input),
    .winograd_output = NAME(winograd_output),
};
