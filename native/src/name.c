/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host names and IP addresses against a certificate's subjectAltName: RFC 9525. The common name
 * never counts, and "*" stands for one whole left-most label above at least two more.
 */
#include "trust.h"

#include <string.h>

uint8_t etls_name_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t) (c + 'a' - 'A') : c;
}

static bool is_name_character(uint8_t c)
{
    uint8_t lower = etls_name_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* RFC 1123 section 2.1: labels of 1 to 63 characters. */
bool etls_name_is_host(const uint8_t *name, uint32_t length, bool wildcard)
{
    uint32_t label = 0;
    uint32_t first = wildcard && length > 2 && name[0] == '*' && name[1] == '.' ? 2 : 0;
    for (uint32_t i = first; i < length; i++) {
        if (name[i] == '.' && label != 0) {
            label = 0;
        } else if (!is_name_character(name[i]) || ++label > 63) {
            return false;
        }
    }
    return label != 0 && length <= ETLS_MAX_HOST;
}

int32_t etls_name_set(etls_session *session, const uint8_t *host, uint32_t length)
{
    if (length > 1 && host[length - 1] == '.') {
        length--; /* the root's dot is not part of names in certificates */
    }
    if (length > ETLS_MAX_HOST) {
        return ETLS_ERR_BAD_HOST_NAME;
    }
    char *copy = etls_alloc(session->core, length + 1);
    if (copy == NULL) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    for (uint32_t i = 0; i < length; i++) {
        copy[i] = (char) etls_name_lower(host[i]);
    }
    session->host = copy;
    if (memchr(copy, 0, length) != NULL) {
        return ETLS_ERR_BAD_HOST_NAME;
    }
    session->host_ip_length =
        (uint8_t) mbedtls_x509_crt_parse_cn_inet_pton(copy, session->host_ip);
    bool good = session->host_ip_length != 0 || etls_name_is_host((uint8_t *) copy, length, false);
    return good ? ETLS_OK : ETLS_ERR_BAD_HOST_NAME;
}

static bool equal(const char *host, const uint8_t *pattern, size_t length)
{
    if (strlen(host) != length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if ((uint8_t) host[i] != etls_name_lower(pattern[i])) {
            return false;
        }
    }
    return true;
}

/* No underscores in a certificate: RFC 5280 section 4.2.1.6. A wildcard may stand for one. */
static bool matches(const char *host, const uint8_t *pattern, size_t length)
{
    if (length == 0 || memchr(pattern, '_', length) != NULL) {
        return false;
    }
    if (length < 2 || pattern[0] != '*' || pattern[1] != '.') {
        return equal(host, pattern, length);
    }
    const char *rest = strchr(host, '.');
    bool two_labels = memchr(pattern + 2, '.', length - 2) != NULL;
    return rest != NULL && rest != host && two_labels && equal(rest, pattern + 1, length - 1);
}

uint32_t etls_name_check(const etls_session *session, const mbedtls_x509_crt *certificate)
{
    bool named = false;
    const mbedtls_x509_sequence *name = &certificate->subject_alt_names;
    for (; name != NULL && name->buf.p != NULL; name = name->next) {
        const mbedtls_x509_buf *value = &name->buf;
        if (value->tag == ETLS_NAME_DNS) {
            named = true;
            if (session->host_ip_length == 0 && matches(session->host, value->p, value->len)) {
                return 0;
            }
        } else if (value->tag == ETLS_NAME_IP) {
            named = true;
            if (session->host_ip_length != 0 && value->len == session->host_ip_length &&
                memcmp(value->p, session->host_ip, value->len) == 0) {
                return 0;
            }
        }
    }
    return named ? ETLS_FLAG_CN_MISMATCH : ETLS_FLAG_NO_SAN | ETLS_FLAG_CN_MISMATCH;
}
