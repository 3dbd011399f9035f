/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Name constraints: RFC 5280 section 4.2.1.10, on the DER as it lies. DNS names, IP addresses,
 * directory names and mail addresses are compared; a constraint of any other kind forbids all names
 * of its kind, as the section says for what is not implemented.
 */
#include "trust.h"

#include <mbedtls/oid.h>
#include <string.h>

/* A base of a subtree. */
typedef struct {
    uint32_t tag; /* of GeneralName */
    etls_der base;
    bool excluded;
} subtree;

/* The two lists of subtrees, and what is still to be read of them. */
typedef struct {
    etls_der lists;
    etls_der list;
    bool excluded;
    bool damaged;
} reader;

static reader open_constraints(etls_der value)
{
    reader in = { value, { NULL, NULL, false }, false, false };
    in.damaged = !etls_der_enter(&value, 0x30, &in.lists) || !etls_der_over(&value) ||
                 etls_der_over(&in.lists);
    return in;
}

/* Goes on to the next list: [0] permitted, then [1] excluded, none empty. */
static bool next_list(reader *in)
{
    bool first = in->list.at == NULL;
    if (first && etls_der_enter(&in->lists, 0xA0, &in->list)) {
        in->damaged = etls_der_over(&in->list);
        return !in->damaged;
    }
    if (!in->excluded && etls_der_enter(&in->lists, 0xA1, &in->list)) {
        in->excluded = true;
        in->damaged = etls_der_over(&in->list);
        return !in->damaged;
    }
    in->damaged = in->damaged || !etls_der_over(&in->lists);
    return false;
}

static bool next_subtree(reader *in, subtree *out)
{
    etls_der inside;
    etls_der minimum;
    if (in->damaged || (etls_der_over(&in->list) && !next_list(in))) {
        return false;
    }
    out->excluded = in->excluded;
    in->damaged = !etls_der_enter(&in->list, 0x30, &inside);
    out->tag = in->damaged ? 0 : etls_der_next(&inside, &out->base);
    /* minimum [0] is 0 and best left out, maximum [1] is absent */
    bool zero = !in->damaged && etls_der_enter(&inside, 0x80, &minimum)
                    ? etls_der_length(&minimum) == 1 && minimum.at[0] == 0
                    : true;
    in->damaged = in->damaged || out->tag == 0 || !zero || !etls_der_over(&inside);
    return !in->damaged;
}

static const uint8_t *find(const etls_der *in, uint8_t c)
{
    uint32_t length = etls_der_length(in);
    return length == 0 ? NULL : memchr(in->at, c, length);
}

/* ---- forms of names ---- */

static bool is_mask(const uint8_t *mask, uint32_t length)
{
    uint32_t bit = 0;
    for (uint32_t i = 0; i < 8 * length; i++) {
        uint32_t now = (uint32_t) mask[i / 8] >> (7 - i % 8) & 1u;
        if (i != 0 && now > bit) {
            return false; /* a one behind a zero */
        }
        bit = now;
    }
    return true;
}

static bool is_mailbox(const etls_der *name)
{
    const uint8_t *at = find(name, '@');
    return at != NULL && at != name->at &&
           etls_name_is_host(at + 1, (uint32_t) (name->end - at - 1), false);
}

static bool is_base(const subtree *one)
{
    const etls_der *base = &one->base;
    uint32_t length = etls_der_length(base);
    bool dot = length != 0 && base->at[0] == '.';
    switch (one->tag) {
    case ETLS_NAME_DNS:
        return length == 0 || etls_name_is_host(base->at, length, false);
    case ETLS_NAME_EMAIL:
        return is_mailbox(base) ||
               (length != 0 && etls_name_is_host(base->at + dot, length - dot, false));
    case ETLS_NAME_IP:
        return (length == 8 || length == 32) && is_mask(base->at + length / 2, length / 2);
    default:
        return true;
    }
}

bool etls_constraints_good(etls_der value)
{
    reader in = open_constraints(value);
    subtree one;
    while (next_subtree(&in, &one)) {
        if (!is_base(&one)) {
            return false;
        }
    }
    return !in.damaged;
}

/* ---- comparisons ---- */

static bool same_text(const uint8_t *a, const uint8_t *b, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        if (etls_name_lower(a[i]) != etls_name_lower(b[i])) {
            return false;
        }
    }
    return true;
}

/* Whether `name` ends with `tail`. */
static bool ends_with(const etls_der *name, const etls_der *tail)
{
    uint32_t length = etls_der_length(tail);
    return length <= etls_der_length(name) && same_text(name->end - length, tail->at, length);
}

/* Whether `name` is `base` or has more labels before it. */
static bool is_below(const etls_der *name, const etls_der *base)
{
    uint32_t more = etls_der_length(name) - etls_der_length(base);
    return etls_der_length(base) == 0 ||
           (ends_with(name, base) && (more == 0 || name->end[-(int32_t) etls_der_length(base) - 1] == '.'));
}

/* An excluded base also counts when it is one of the names that a wildcard stands for. */
static bool match_dns(const etls_der *name, const subtree *one)
{
    const uint8_t *dot = find(&one->base, '.');
    if (one->excluded && dot != NULL && etls_der_length(name) > 1 && name->at[0] == '*') {
        etls_der rest = { name->at + 1, name->end, false };
        etls_der parent = { dot, one->base.end, false };
        if (etls_der_length(&rest) == etls_der_length(&parent) && ends_with(&rest, &parent)) {
            return true;
        }
    }
    return is_below(name, &one->base);
}

static bool match_ip(const etls_der *name, const etls_der *base)
{
    uint32_t length = etls_der_length(name);
    if (etls_der_length(base) != 2 * length) {
        return false;
    }
    for (uint32_t i = 0; i < length; i++) {
        if (((name->at[i] ^ base->at[i]) & base->at[length + i]) != 0) {
            return false;
        }
    }
    return true;
}

/* A base is one mailbox, all of a host, or with a dot before it all hosts of a domain. */
static bool match_email(const etls_der *name, const etls_der *base)
{
    const uint8_t *at = find(base, '@');
    const uint8_t *own = find(name, '@');
    etls_der host = { own + 1, name->end, false };
    if (at != NULL) {
        etls_der host_base = { at + 1, base->end, false };
        uint32_t box = (uint32_t) (at - base->at);
        return (uint32_t) (own - name->at) == box && memcmp(name->at, base->at, box) == 0 &&
               etls_der_length(&host) == etls_der_length(&host_base) && ends_with(&host, &host_base);
    }
    bool domain = base->at[0] == '.';
    return ends_with(&host, base) && (domain || etls_der_length(&host) == etls_der_length(base));
}

static bool is_text(uint32_t tag)
{
    return tag == 0x0C || tag == 0x13 || tag == 0x14 || tag == 0x16; /* UTF8, Printable, T61, IA5 */
}

/* Two RDNs, contents of their SETs: texts of whatever type without regard to case. */
static bool same_rdn(etls_der a, etls_der b)
{
    etls_der one;
    etls_der other;
    while (etls_der_enter(&a, 0x30, &one) && etls_der_enter(&b, 0x30, &other)) {
        etls_der oid[2];
        etls_der value[2];
        if (!etls_der_enter(&one, 0x06, &oid[0]) || !etls_der_enter(&other, 0x06, &oid[1]) ||
            !etls_der_same(&oid[0], &oid[1])) {
            return false;
        }
        uint32_t tag = etls_der_next(&one, &value[0]);
        uint32_t other_tag = etls_der_next(&other, &value[1]);
        bool text = is_text(tag) && is_text(other_tag);
        uint32_t length = etls_der_length(&value[0]);
        if (tag == 0 || (!text && tag != other_tag) || length != etls_der_length(&value[1]) ||
            !(text ? same_text(value[0].at, value[1].at, length)
                   : etls_der_same(&value[0], &value[1]))) {
            return false;
        }
    }
    return etls_der_over(&a) && etls_der_over(&b);
}

/* Whether `name` begins with all RDNs of `base`; both are whole Names. */
static bool match_directory(etls_der name, etls_der base)
{
    etls_der names;
    etls_der bases;
    etls_der rdn;
    etls_der base_rdn;
    if (!etls_der_enter(&name, 0x30, &names) || !etls_der_enter(&base, 0x30, &bases)) {
        return false;
    }
    while (etls_der_enter(&bases, 0x31, &base_rdn)) {
        if (!etls_der_enter(&names, 0x31, &rdn) || !same_rdn(rdn, base_rdn)) {
            return false;
        }
    }
    return etls_der_over(&bases);
}

/* Whether a name can be compared at all; one that cannot is outside of every constraint. */
static bool is_comparable(uint32_t tag, const etls_der *name)
{
    switch (tag) {
    case ETLS_NAME_DNS:
        return etls_name_is_host(name->at, etls_der_length(name), true);
    case ETLS_NAME_IP:
        return etls_der_length(name) == 4 || etls_der_length(name) == 16;
    case ETLS_NAME_EMAIL:
        return is_mailbox(name);
    default:
        return tag == ETLS_NAME_DIRECTORY;
    }
}

static bool matches(const subtree *one, const etls_der *name)
{
    switch (one->tag) {
    case ETLS_NAME_DNS:
        return match_dns(name, one);
    case ETLS_NAME_IP:
        return match_ip(name, &one->base);
    case ETLS_NAME_EMAIL:
        return match_email(name, &one->base);
    default:
        return match_directory(*name, one->base);
    }
}

static bool allows(etls_der value, uint32_t tag, const etls_der *name, uint32_t *budget)
{
    reader in = open_constraints(value);
    subtree one;
    bool limited = false;
    bool permitted = false;
    while (next_subtree(&in, &one)) {
        if (*budget == 0) {
            return false;
        }
        --*budget;
        if (one.tag != tag) {
            continue;
        }
        if (!is_comparable(tag, name) || !is_base(&one)) {
            return false;
        }
        bool match = matches(&one, name);
        if (one.excluded && match) {
            return false;
        }
        limited = limited || !one.excluded;
        permitted = permitted || (match && !one.excluded);
    }
    return !in.damaged && (permitted || !limited);
}

static bool allows_buffer(etls_der value, uint32_t tag, const mbedtls_x509_buf *name, uint32_t *budget)
{
    etls_der contents = etls_der_of(name->p, (uint32_t) name->len);
    return allows(value, tag, &contents, budget);
}

bool etls_constraints_allow(etls_der value, const mbedtls_x509_crt *certificate, uint32_t *budget)
{
    const mbedtls_x509_sequence *name = &certificate->subject_alt_names;
    bool empty = certificate->subject_raw.len <= 2;
    if (!empty && !allows_buffer(value, ETLS_NAME_DIRECTORY, &certificate->subject_raw, budget)) {
        return false;
    }
    /* Mail addresses in the subject are what came before subjectAltName. */
    const mbedtls_x509_name *part = name->buf.p == NULL ? &certificate->subject : NULL;
    for (; part != NULL; part = part->next) {
        if (MBEDTLS_OID_CMP(MBEDTLS_OID_PKCS9_EMAIL, &part->oid) == 0 &&
            !allows_buffer(value, ETLS_NAME_EMAIL, &part->val, budget)) {
            return false;
        }
    }
    for (; name != NULL && name->buf.p != NULL; name = name->next) {
        if (!allows_buffer(value, (uint32_t) name->buf.tag, &name->buf, budget)) {
            return false;
        }
    }
    return true;
}
