/* SPDX-License-Identifier: Apache-2.0 */
/* The context of native/src/gcm.c, which Mbed TLS's gcm.h includes in place of its own. */
#ifndef ETLS_GCM_ALT_H
#define ETLS_GCM_ALT_H

#include <mbedtls/aes.h>

#include <stdint.h>

typedef struct {
    mbedtls_aes_context aes;
    uint32_t h[4]; /* the hash's key, first bit on top of the first word */
} mbedtls_gcm_context;

#endif
