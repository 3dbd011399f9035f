/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that judge a chain offer each other: trust.c, path.c, profile.c, constraints.c, name.c. */
#ifndef ETLS_TRUST_H
#define ETLS_TRUST_H

#include "core.h"
#include "der.h"

/* Where a certificate stands in a path. */
typedef enum {
    ETLS_LEAF,  /* the peer's own */
    ETLS_INTERMEDIATE,
    ETLS_ANCHOR /* from the trust store */
} etls_position;

/* ---- trust.c ---- */
/* Whether two fields have the same bytes. */
bool etls_trust_same(const mbedtls_x509_buf *a, const mbedtls_x509_buf *b);
/* Whether subject and issuer have the same name: RFC 5280 section 3.2. */
bool etls_trust_self_issued(const mbedtls_x509_crt *certificate);
/* Frees what etls_trust_find() has made. */
void etls_trust_drop(mbedtls_x509_crt *candidates);
/*
 * Takes the findings about the certificates of one path, leaf first, each with its flags: into the
 * verdict and its reports, in place of those of another path. `rules` as from etls_profile_check().
 */
void etls_trust_tell(etls_session *session, mbedtls_x509_crt *const *path, const uint32_t *flags,
                     const uint8_t *rules, uint32_t length);

/* ---- profile.c ---- */
/* Checks a certificate by itself; flag bits, and in `rule` the number of the extension at fault. */
uint32_t etls_profile_check(const mbedtls_x509_crt *certificate, etls_position position,
                            uint32_t *rule);
uint32_t etls_profile_check_key(const mbedtls_pk_context *key);
/* Finds the contents of a certificate's nameConstraints. */
bool etls_profile_find(const mbedtls_x509_crt *certificate, etls_der *constraints);

/* ---- constraints.c ---- */
/* Whether a nameConstraints extension keeps to RFC 5280 section 4.2.1.10. */
bool etls_constraints_good(etls_der value);
/*
 * Whether all names of a certificate are within an issuer's constraints; also false when `budget`,
 * comparisons that may still be made, runs out.
 */
bool etls_constraints_allow(etls_der value, const mbedtls_x509_crt *certificate, uint32_t *budget);

/* ---- name.c ---- */
/* Whether this is a host name, with underscores that people use; "*." before it if `wildcard`. */
bool etls_name_is_host(const uint8_t *name, uint32_t length, bool wildcard);
uint8_t etls_name_lower(uint8_t c);

#endif
