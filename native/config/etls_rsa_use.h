/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before pk_wrap.c and pkparse.c, and before these only (native/sources.mjs): keys as far as
 * they are used. Nobody encrypts or decrypts with RSA here, since there is no static RSA key exchange;
 * in the profile `small` there are no own RSA keys, whose operations take 5 KB; and without own
 * certificates (ETLS_HAS_IDENTITY) none at all.
 */
#ifndef ETLS_RSA_USE_H
#define ETLS_RSA_USE_H

#include "common.h"

#include <mbedtls/ecdsa.h>
#include <mbedtls/error.h>
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include "rsa_internal.h"

#define mbedtls_rsa_pkcs1_encrypt(...) MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE
#define mbedtls_rsa_pkcs1_decrypt(...) MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE

#if defined(ETLS_PROFILE_SMALL)
#define mbedtls_rsa_pkcs1_sign(...) MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE
#define mbedtls_rsa_check_pub_priv(...) MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE
#define mbedtls_rsa_parse_key(...) MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE
#endif

#if !ETLS_HAS_IDENTITY
#define mbedtls_ecdsa_write_signature(...) MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE
#define mbedtls_ecp_check_pub_priv(...) MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE
#endif

#endif
