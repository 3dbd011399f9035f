/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before ssl_tls.c and ssl_tls12_client.c, and before them only (native/sources.mjs): where the
 * profile has no own certificates (ETLS_HAS_IDENTITY), a server that asks for one is told that there
 * is none, and the code that would send and sign is not in the build.
 */
#ifndef ETLS_NO_IDENTITY_H
#define ETLS_NO_IDENTITY_H

#include "common.h"
#include "ssl_misc.h"

#if !ETLS_HAS_IDENTITY
#define mbedtls_ssl_own_cert(ssl) ((void) (ssl), (mbedtls_x509_crt *) NULL)
#define mbedtls_ssl_own_key(ssl) ((void) (ssl), (mbedtls_pk_context *) NULL)
#undef mbedtls_pk_sign_restartable
#define mbedtls_pk_sign_restartable(...) MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE
#endif

#endif
