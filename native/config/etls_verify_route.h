/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before ssl_tls.c and ssl_tls13_generic.c, and before them only (native/sources.mjs): the
 * peer's certificates are parsed and judged by native/src/trust.c and path.c, so that critical
 * extensions that Mbed TLS has no code for can be judged, issuers that are not needed may be of any kind,
 * and all paths are tried. Mbed TLS's own search is not even linked. All headers are read before.
 */
#ifndef ETLS_VERIFY_ROUTE_H
#define ETLS_VERIFY_ROUTE_H

#include "common.h"

#include <mbedtls/x509_crt.h>

int etls_trust_parse(mbedtls_x509_crt *chain, const unsigned char *der, size_t length);
int etls_trust_verify(mbedtls_x509_crt *chain, mbedtls_x509_crt_ca_cb_t find, void *context,
                      const mbedtls_x509_crt_profile *profile, const char *name, uint32_t *flags,
                      int (*verify)(void *, mbedtls_x509_crt *, int, uint32_t *), void *session);

#define mbedtls_x509_crt_parse_der etls_trust_parse
#define mbedtls_x509_crt_parse_der_nocopy etls_trust_parse
#define mbedtls_x509_crt_verify_with_ca_cb etls_trust_verify
/* Taken when no callback is set; there always is one. */
#define mbedtls_x509_crt_verify_restartable(...) MBEDTLS_ERR_X509_FATAL_ERROR

/* Counts signatures, made and verified: ETLS_STAT_SIGNATURES. */
void etls_count_signature(void);
#include <mbedtls/pk.h>
#define mbedtls_pk_verify_ext(...) (etls_count_signature(), mbedtls_pk_verify_ext(__VA_ARGS__))
#define mbedtls_pk_verify_restartable(...) \
    (etls_count_signature(), mbedtls_pk_verify_restartable(__VA_ARGS__))
#define mbedtls_pk_sign_restartable(...) \
    (etls_count_signature(), mbedtls_pk_sign_restartable(__VA_ARGS__))
#define mbedtls_pk_sign_ext(...) (etls_count_signature(), mbedtls_pk_sign_ext(__VA_ARGS__))

#endif
