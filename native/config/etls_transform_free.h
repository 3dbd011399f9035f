/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before ssl_tls13_keys.c, and before it only (native/sources.mjs). When memory runs out while the
 * keys of a transform are set up, its functions free the transform but not the cipher contexts that
 * hang on it: 392 to 1,072 bytes with keys in them. All that it frees in this build are transforms, and the
 * type of the parameter makes sure of it.
 */
#ifndef ETLS_TRANSFORM_FREE_H
#define ETLS_TRANSFORM_FREE_H

#include "common.h"
#include "ssl_misc.h"
#include <mbedtls/platform.h>

static inline void etls_transform_free(mbedtls_ssl_transform *transform)
{
    mbedtls_ssl_transform_free(transform);
    mbedtls_free(transform);
}

#undef mbedtls_free
#define mbedtls_free(transform) etls_transform_free(transform)

#endif
