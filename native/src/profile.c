/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certificate has to look like by itself: RFC 5280 section 4, and the CA/Browser Forum's
 * Baseline Requirements section 7.1 where browsers keep to them. Mbed TLS has parsed it, and so has
 * checked the syntax of what it knows; here stands what it leaves to others.
 */
#include "trust.h"

#include <mbedtls/ecp.h>
#include <mbedtls/oid.h>
#include <string.h>

/* Extensions, by the last number of id-ce (2.5.29.x); id-pe-authorityInfoAccess has a number of its own. */
enum {
    AUTHORITY_INFO_ACCESS = 1,
    SUBJECT_KEY_IDENTIFIER = 14,
    KEY_USAGE = 15,
    SUBJECT_ALT_NAME = 17,
    BASIC_CONSTRAINTS = 19,
    NAME_CONSTRAINTS = 30,
    CERTIFICATE_POLICIES = 32,
    AUTHORITY_KEY_IDENTIFIER = 35,
    POLICY_CONSTRAINTS = 36,
    EXT_KEY_USAGE = 37
};

/* More extensions than any certificate has; each is compared with each. */
#define MOST_EXTENSIONS 40u

typedef struct {
    etls_der oid;
    etls_der value; /* the contents of the OCTET STRING */
    bool critical;
} extension;

static bool next_extension(etls_der *in, extension *out)
{
    etls_der inside;
    etls_der critical;
    if (!etls_der_enter(in, 0x30, &inside) || !etls_der_enter(&inside, 0x06, &out->oid)) {
        return false;
    }
    out->critical = etls_der_enter(&inside, 0x01, &critical) && etls_der_length(&critical) == 1 &&
                    critical.at[0] != 0;
    return etls_der_enter(&inside, 0x04, &out->value);
}

/* The extensions of a certificate, without the tag around them. */
static etls_der extensions_of(const mbedtls_x509_crt *certificate)
{
    etls_der all = etls_der_of(certificate->v3_ext.p, (uint32_t) certificate->v3_ext.len);
    etls_der inside = all;
    (void) etls_der_enter(&all, 0x30, &inside);
    return inside;
}

static uint32_t number_of(const extension *of)
{
    if (etls_der_length(&of->oid) == 3 && memcmp(of->oid.at, MBEDTLS_OID_ID_CE, 2) == 0) {
        return of->oid.at[2];
    }
    bool access = etls_der_length(&of->oid) == 8 &&
                  memcmp(of->oid.at, MBEDTLS_OID_PKIX "\x01\x01", 8) == 0;
    return access ? AUTHORITY_INFO_ACCESS : 0;
}

bool etls_profile_find(const mbedtls_x509_crt *certificate, etls_der *constraints)
{
    etls_der rest = extensions_of(certificate);
    extension found;
    while (next_extension(&rest, &found)) {
        if (number_of(&found) == NAME_CONSTRAINTS) {
            *constraints = found.value;
            return true;
        }
    }
    return false;
}

static bool is_empty(const mbedtls_x509_buf *name)
{
    return name->len <= 2; /* SEQUENCE {} */
}

static bool has(const mbedtls_x509_crt *certificate, int type)
{
    return mbedtls_x509_crt_has_ext_type(certificate, type) != 0;
}

/* RFC 5280 section 4.2.2.1: one description or more, each a method and a place. */
static bool is_access(etls_der value)
{
    etls_der list;
    etls_der description;
    if (!etls_der_enter(&value, 0x30, &list) || !etls_der_over(&value) || etls_der_over(&list)) {
        return false;
    }
    while (etls_der_enter(&list, 0x30, &description)) {
        etls_der part;
        if (!etls_der_enter(&description, 0x06, &part) ||
            etls_der_next(&description, &part) == 0 || !etls_der_over(&description)) {
            return false;
        }
    }
    return etls_der_over(&list);
}

/*
 * An anchor that has signed itself names itself, or nobody: the key it says to be signed with is its
 * own, and so is the certificate.
 */
static bool names_itself(const mbedtls_x509_crt *certificate)
{
    const mbedtls_x509_authority *by = &certificate->authority_key_id;
    const mbedtls_x509_buf *own = &certificate->subject_key_id;
    const mbedtls_x509_buf *issuer = &by->authorityCertIssuer.buf;
    if (!etls_trust_same(&by->keyIdentifier, own)) {
        return false;
    }
    return issuer->p == NULL ||
           (issuer->tag == ETLS_NAME_DIRECTORY && etls_trust_same(issuer, &certificate->issuer_raw) &&
            etls_trust_same(&by->authorityCertSerialNumber, &certificate->serial));
}

static bool is_allowed(const mbedtls_x509_crt *certificate, etls_position position,
                       const extension *one)
{
    bool leaf = position == ETLS_LEAF;
    switch (number_of(one)) {
    case BASIC_CONSTRAINTS:
        return leaf || one->critical;
    case SUBJECT_ALT_NAME:
        return !leaf || one->critical == is_empty(&certificate->subject_raw);
    case NAME_CONSTRAINTS:
        return !leaf && etls_constraints_good(one->value);
    case AUTHORITY_INFO_ACCESS:
        return !one->critical && is_access(one->value);
    case AUTHORITY_KEY_IDENTIFIER:
        return !one->critical &&
               (position != ETLS_ANCHOR || !etls_trust_self_issued(certificate) ||
                names_itself(certificate));
    case POLICY_CONSTRAINTS:
        return false; /* it must be critical, and then has to be obeyed: policies are not */
    case KEY_USAGE:
    case EXT_KEY_USAGE:
    case CERTIFICATE_POLICIES:
        return true;
    default:
        return !one->critical;
    }
}

static bool is_repeated(etls_der rest, const extension *one)
{
    extension other;
    while (next_extension(&rest, &other)) {
        if (etls_der_same(&one->oid, &other.oid)) {
            return true;
        }
    }
    return false;
}

/* The number of an extension that breaks a rule, 0 for one without number, -1 for none. */
static int32_t find_fault(const mbedtls_x509_crt *certificate, etls_position position)
{
    etls_der rest = extensions_of(certificate);
    extension one;
    uint32_t count = 0;
    while (next_extension(&rest, &one)) {
        if (++count > MOST_EXTENSIONS || is_repeated(rest, &one) ||
            !is_allowed(certificate, position, &one)) {
            return (int32_t) number_of(&one);
        }
    }
    return etls_der_over(&rest) ? -1 : 0;
}

/* An extension that is missing, -1 for none. */
static int32_t find_gap(const mbedtls_x509_crt *certificate, etls_position position)
{
    if (position != ETLS_ANCHOR && certificate->authority_key_id.keyIdentifier.p == NULL) {
        return AUTHORITY_KEY_IDENTIFIER;
    }
    if (position != ETLS_LEAF && !has(certificate, MBEDTLS_X509_EXT_SUBJECT_KEY_IDENTIFIER)) {
        return SUBJECT_KEY_IDENTIFIER;
    }
    bool signs = (certificate->MBEDTLS_PRIVATE(key_usage) & MBEDTLS_X509_KU_KEY_CERT_SIGN) != 0;
    if (signs && has(certificate, MBEDTLS_X509_EXT_KEY_USAGE) &&
        certificate->MBEDTLS_PRIVATE(ca_istrue) == 0) {
        return KEY_USAGE; /* section 4.2.1.9 */
    }
    return -1;
}

uint32_t etls_profile_check(const mbedtls_x509_crt *certificate, etls_position position,
                            uint32_t *rule)
{
    bool named = !is_empty(&certificate->issuer_raw) &&
                 (position == ETLS_LEAF || !is_empty(&certificate->subject_raw));
    int32_t fault = certificate->version == 3 && named ? find_fault(certificate, position) : 0;
    if (fault < 0) {
        fault = find_gap(certificate, position);
    }
    *rule = fault < 0 ? 0 : (uint32_t) fault;
    return fault < 0 ? 0 : (uint32_t) ETLS_FLAG_PROFILE;
}

/* RSA of 2048 bits and more, in whole bytes; P-256 and P-384. */
uint32_t etls_profile_check_key(const mbedtls_pk_context *key)
{
    bool good = false;
    mbedtls_ecp_group_id group;
    switch (mbedtls_pk_get_type(key)) {
    case MBEDTLS_PK_RSA:
        good = mbedtls_pk_get_bitlen(key) >= 2048 && mbedtls_pk_get_bitlen(key) % 8 == 0;
        break;
    case MBEDTLS_PK_ECKEY:
        group = mbedtls_ecp_keypair_get_group_id(mbedtls_pk_ec(*key));
        good = group == MBEDTLS_ECP_DP_SECP256R1 || group == MBEDTLS_ECP_DP_SECP384R1;
        break;
    default:
        break;
    }
    return good ? 0 : ETLS_FLAG_BAD_KEY;
}
