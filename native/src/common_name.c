/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The common name: it never counts, but a certificate whose common name looks like a host that its
 * subjectAltName does not have says two things. CA/Browser Forum, Baseline Requirements section
 * 7.1.4.3: it is, character for character, one of the names there. A domain above one of them does
 * no harm either, nor a name when there are addresses alone: both are common and name no other host.
 */
#include "trust.h"

#include <mbedtls/oid.h>
#include <string.h>

#define ADDRESS 40u /* characters of the longest address and a zero */

typedef enum { KIND_TEXT, KIND_NAME, KIND_ADDRESS } kind;

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(uint8_t c)
{
    uint8_t lower = etls_name_lower(c);
    return is_digit(c) || (lower >= 'a' && lower <= 'f');
}

/* An address in any notation that people read as one; otherwise a name if it has a dot. */
static kind kind_of(const mbedtls_x509_buf *text)
{
    bool dots = memchr(text->p, '.', text->len) != NULL;
    bool colons = memchr(text->p, ':', text->len) != NULL;
    bool hex = text->len > 2 && text->p[0] == '0' && etls_name_lower(text->p[1]) == 'x';
    bool numeric = true;
    for (size_t i = hex ? 2 : 0; i < text->len; i++) {
        uint8_t c = text->p[i];
        if (c == ' ') {
            return KIND_TEXT;
        }
        numeric = numeric && (c == '.' || c == ':' || (colons || hex ? is_hex(c) : is_digit(c)));
    }
    if (numeric && (dots || colons || hex)) {
        return KIND_ADDRESS;
    }
    return dots ? KIND_NAME : KIND_TEXT;
}

static char *put_number(char *out, uint32_t number, uint32_t base)
{
    if (number >= base) {
        out = put_number(out, number / base, base);
    }
    *out = "0123456789abcdef"[number % base];
    return out + 1;
}

static uint32_t group(const uint8_t *ip, uint32_t i)
{
    return (uint32_t) ip[2 * i] << 8 | ip[2 * i + 1];
}

/* The longest run of groups that are 0, the first of several; less than two are none. */
static uint32_t longest_zeros(const uint8_t *ip, uint32_t *start)
{
    uint32_t longest = 1;
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t run = 0;
        while (i + run < 8 && group(ip, i + run) == 0) {
            run++;
        }
        if (run > longest) {
            longest = run;
            *start = i;
        }
    }
    return longest;
}

/* RFC 5952 section 4, or four numbers with dots. Returns how many characters. */
static uint32_t write_address(char *out, const mbedtls_x509_buf *ip)
{
    char *at = out;
    uint32_t start = 8;
    uint32_t zeros = ip->len == 16 ? longest_zeros(ip->p, &start) : 0;
    for (uint32_t i = 0; i < 4 && ip->len == 4; i++) {
        at = put_number(at, ip->p[i], 10);
        *at++ = '.';
    }
    if (ip->len == 4) {
        return (uint32_t) (at - out - 1);
    }
    for (uint32_t i = 0; i < 8; i++) {
        if (i == start) {
            *at++ = ':';
            *at++ = ':';
            i += zeros - 1;
            continue;
        }
        if (i != 0 && i != start + zeros) {
            *at++ = ':';
        }
        at = put_number(at, group(ip->p, i), 16);
    }
    return (uint32_t) (at - out);
}

static bool covers(const mbedtls_x509_buf *name, const mbedtls_x509_buf *text, kind what)
{
    char written[ADDRESS];
    if (what == KIND_ADDRESS) {
        return (name->len == 4 || name->len == 16) && write_address(written, name) == text->len &&
               memcmp(written, text->p, text->len) == 0;
    }
    size_t more = name->len - text->len;
    return name->len >= text->len && memcmp(name->p + more, text->p, text->len) == 0 &&
           (more == 0 || name->p[more - 1] == '.');
}

static bool is_covered(const mbedtls_x509_crt *certificate, const mbedtls_x509_buf *text)
{
    kind what = kind_of(text);
    int tag = what == KIND_ADDRESS ? ETLS_NAME_IP : ETLS_NAME_DNS;
    bool any = false;
    const mbedtls_x509_sequence *name = &certificate->subject_alt_names;
    for (; name != NULL && name->buf.p != NULL; name = name->next) {
        if (name->buf.tag != tag) {
            continue;
        }
        if (covers(&name->buf, text, what)) {
            return true;
        }
        any = true;
    }
    return what == KIND_TEXT || !any;
}

uint32_t etls_name_check_common(const mbedtls_x509_crt *certificate)
{
    const mbedtls_x509_name *part = &certificate->subject;
    for (; part != NULL && part->oid.p != NULL; part = part->next) {
        if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &part->oid) == 0 && part->val.len != 0 &&
            !is_covered(certificate, &part->val)) {
            return ETLS_FLAG_COMMON_NAME;
        }
    }
    return 0;
}
