/* SPDX-License-Identifier: Apache-2.0 */
/* The image's static data: at the start of the arena, made when the core is opened. */
#include "core.h"
#include "etls_port.h"
#include "image.h"

#include <string.h>

/* From image.ld; sizes are the addresses of these symbols. */
extern const uint8_t etls_statics_size[];         /* static data, zeros included, a multiple of 8 */
extern const uint8_t etls_statics_initial[]; /* what of it is not zero … */
extern const uint8_t etls_statics_initial_size[]; /* … and how much that is */

uint32_t etls_port_statics(void)
{
    return (uint32_t) (uintptr_t) etls_statics_size;
}

int32_t etls_image_open(etls_core *core, uint32_t size)
{
    if (core == NULL || ((uintptr_t) core & 7u) != 0 || size < etls_least_arena()) {
        return ETLS_ERR_BAD_ARENA;
    }
    if (etls_is_open(core)) {
        return ETLS_ERR_BAD_STATE;
    }
    uint8_t *statics = (uint8_t *) core - etls_port_statics();
    memset(statics, 0, etls_port_statics());
    memcpy(statics, etls_statics_initial, (size_t) (uintptr_t) etls_statics_initial_size);
    return etls_open(core, size);
}
