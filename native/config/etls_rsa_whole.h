/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before rsa.c, and before it only (native/sources.mjs): private keys are read from files that
 * have all their numbers (RFC 8017 appendix A.1.2; mbedtls_rsa_parse_key() refuses others), so what could
 * find missing ones is never called: 1.3 KB.
 */
#ifndef ETLS_RSA_WHOLE_H
#define ETLS_RSA_WHOLE_H

#include "common.h"
#include "rsa_alt_helpers.h"
#include <mbedtls/rsa.h>

#define mbedtls_rsa_deduce_primes(...) MBEDTLS_ERR_RSA_BAD_INPUT_DATA
#define mbedtls_rsa_deduce_private_exponent(...) MBEDTLS_ERR_RSA_BAD_INPUT_DATA
#define mbedtls_rsa_deduce_crt(...) MBEDTLS_ERR_RSA_BAD_INPUT_DATA

#endif
