/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before sha256.c and sha512.c, and before them only (native/sources.mjs): native/src/sha2.c has
 * their functions, so they compile to nothing, unless a choice asks for them (native/image/choices.mjs).
 */
#ifndef ETLS_OWN_SHA2_H
#define ETLS_OWN_SHA2_H

#include "common.h"

#if !defined(ETLS_MBEDTLS_SHA2)
#undef MBEDTLS_SHA256_C
#undef MBEDTLS_SHA384_C
#undef MBEDTLS_SHA512_C
#endif

#endif
