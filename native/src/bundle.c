/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust bundles: many anchors in one block, searched where it lies and parsed only as far as a
 * chain asks. docs/TRUST-STORE.md describes the format; all numbers are little-endian.
 *
 *   0  "ETLB"   4  version   5  0   6  count, 2 bytes   8  length of all, 4   12  CRC-32 of the rest
 *  16  for each anchor, ascending: 7 bytes of the SHA-256 of the subject's DER, path length (255:
 *      any), day of notAfter since 1970 (2 bytes), half the offset of its key (2 bytes)
 *      then the keys: SubjectPublicKeyInfo (RFC 5280 section 4.1), each at an even offset
 *
 * An anchor needs no certificate: RFC 5280 section 6.1.1 (d) takes name, key and algorithm.
 */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS /* for x509_internal.h: mbedtls_x509_get_name() */
#include "core.h"

#include <mbedtls/platform_time.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include <string.h>
#include <x509_internal.h>

#define HEADER 16u
#define ENTRY 12u
#define NAME 7u /* bytes of the hash */
#define FORMAT 1u
#define ANY_PATH 255u

static uint32_t read16(const uint8_t *at)
{
    return (uint32_t) at[0] | (uint32_t) at[1] << 8;
}

static uint32_t read32(const uint8_t *at)
{
    return read16(at) | read16(at + 2) << 16;
}

/* CRC-32 of ISO 3309, bit by bit: it is computed once for each context. */
static uint32_t crc32(uint32_t crc, const uint8_t *data, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        crc ^= data[i];
        for (uint32_t bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
        }
    }
    return crc;
}

static bool is_bundle(const uint8_t *bundle, uint32_t length)
{
    if (length < HEADER || memcmp(bundle, "ETLB", 4) != 0 || bundle[4] != FORMAT || bundle[5] != 0 ||
        read32(bundle + 8) != length) {
        return false;
    }
    uint32_t count = read16(bundle + 6);
    if (count == 0 || HEADER + ENTRY * count > length) {
        return false;
    }
    uint32_t crc = crc32(0xFFFFFFFFu, bundle, 12);
    return ~crc32(crc, bundle + HEADER, length - HEADER) == read32(bundle + 12);
}

int32_t etls_context_add_bundle(etls_core *core, int32_t handle, const uint8_t *bundle, uint32_t length)
{
    etls_context *context;
    int32_t error = etls_find_context(core, handle, &context);
    if (error != ETLS_OK) {
        return error;
    }
    if (!is_bundle(bundle, length)) {
        return ETLS_ERR_BAD_BUNDLE;
    }
    etls_anchor *anchor = etls_alloc(core, sizeof(*anchor) + (context->in_place ? 0 : length));
    if (anchor == NULL) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    anchor->der = context->in_place ? bundle : memcpy(anchor + 1, bundle, length);
    anchor->next = context->anchors; /* its lengths stay 0: this is how it is told from a certificate */
    context->anchors = anchor;
    etls_phase_end(core, ETLS_PHASE_SETUP);
    return ETLS_OK;
}

/* The first entry that is not below a name, by binary search. */
static uint32_t first_at(const uint8_t *bundle, const uint8_t *name)
{
    uint32_t low = 0;
    uint32_t high = read16(bundle + 6);
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (memcmp(bundle + HEADER + ENTRY * middle, name, NAME) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* From the start of 1970 to the start of the day of notAfter: up to a day on the safe side. */
static void set_dates(mbedtls_x509_crt *anchor, uint32_t day)
{
    mbedtls_time_t time = (mbedtls_time_t) day * 86400;
    struct tm date;
    (void) mbedtls_platform_gmtime_r(&time, &date);
    anchor->valid_from.year = 1970;
    anchor->valid_from.mon = anchor->valid_from.day = 1;
    anchor->valid_to.year = date.tm_year + 1900;
    anchor->valid_to.mon = date.tm_mon + 1;
    anchor->valid_to.day = date.tm_mday;
}

/* A name of the chain as the anchor's own: it hashes to the same. */
static int set_name(const mbedtls_x509_crt *child, mbedtls_x509_name *name)
{
    unsigned char *at = child->issuer_raw.p;
    size_t length = 0;
    int result = mbedtls_asn1_get_tag(&at, at + child->issuer_raw.len, &length,
                                      MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE);
    return result == 0 ? mbedtls_x509_get_name(&at, at + length, name) : result;
}

/* What Mbed TLS reads of an anchor, from an entry and from the certificate that names it. */
static int fill(mbedtls_x509_crt *anchor, const uint8_t *bundle, const uint8_t *entry,
                const mbedtls_x509_crt *child)
{
    unsigned char *end = (unsigned char *) (uintptr_t) bundle + read32(bundle + 8);
    unsigned char *key = (unsigned char *) (uintptr_t) bundle + 2 * read16(entry + 10);
    anchor->version = 3;
    anchor->MBEDTLS_PRIVATE(ca_istrue) = 1;
    anchor->MBEDTLS_PRIVATE(max_pathlen) = entry[7] == ANY_PATH ? 0 : entry[7] + 1; /* its way */
    set_dates(anchor, read16(entry + 8));
    anchor->subject_raw = child->issuer_raw;
    anchor->issuer_raw = child->issuer_raw;
    int result = set_name(child, &anchor->subject);
    if (result == 0) {
        result = set_name(child, &anchor->issuer);
    }
    if (result != 0 || key >= end) {
        return result != 0 ? result : MBEDTLS_ERR_X509_INVALID_FORMAT;
    }
    anchor->pk_raw.p = key;
    result = mbedtls_pk_parse_subpubkey(&key, end, &anchor->pk);
    anchor->pk_raw.len = (size_t) (key - anchor->pk_raw.p);
    return result; /* path.c prepares the key when it has one to verify */
}

int etls_bundle_find(const uint8_t *bundle, const mbedtls_x509_crt *child, mbedtls_x509_crt **candidates)
{
    uint8_t name[32];
    int result = mbedtls_sha256(child->issuer_raw.p, child->issuer_raw.len, name, 0);
    uint32_t count = read16(bundle + 6);
    for (uint32_t i = first_at(bundle, name); result == 0 && i < count; i++) {
        const uint8_t *entry = bundle + HEADER + ENTRY * i;
        if (memcmp(entry, name, NAME) != 0) {
            break;
        }
        mbedtls_x509_crt *anchor = etls_mbedtls_calloc(1, sizeof(*anchor));
        if (anchor == NULL) {
            return MBEDTLS_ERR_X509_ALLOC_FAILED;
        }
        mbedtls_x509_crt_init(anchor);
        anchor->next = *candidates;
        *candidates = anchor; /* the caller frees it, whatever happens */
        result = fill(anchor, bundle, entry, child);
    }
    return result;
}
