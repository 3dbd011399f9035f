/* SPDX-License-Identifier: Apache-2.0 */
/* What the image's own files share. */
#ifndef ETLS_IMAGE_PRIVATE_H
#define ETLS_IMAGE_PRIVATE_H

#include "etls_image.h"

/* etls_open() for an image: makes the static data first. */
int32_t etls_image_open(etls_core *core, uint32_t size);

#endif
