/* SPDX-License-Identifier: Apache-2.0 */
/* Facts as lines of key=value, written twice: to measure, then to fill. */
#include "core.h"

#include <mbedtls/asn1.h>
#include <mbedtls/build_info.h>
#include <mbedtls/ecp.h>
#include <mbedtls/oid.h>
#include <mbedtls/sha256.h>
#include <string.h>

typedef struct {
    char *out; /* null while measuring */
    uint32_t length;
} writer;

static void put(writer *to, char c)
{
    if (to->out != NULL) {
        to->out[to->length] = c;
    }
    to->length++;
}

static void put_text(writer *to, const char *text)
{
    while (*text != 0) {
        put(to, *text++);
    }
}

static void put_number(writer *to, uint32_t number, uint32_t digits)
{
    char buffer[10];
    uint32_t count = 0;
    do {
        buffer[count++] = (char) ('0' + number % 10);
        number /= 10;
    } while (number != 0 || count < digits);
    while (count != 0) {
        put(to, buffer[--count]);
    }
}

static void put_hex(writer *to, const uint8_t *bytes, size_t length, const char *separator)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < length; i++) {
        if (i != 0) {
            put_text(to, separator);
        }
        put(to, digits[bytes[i] >> 4]);
        put(to, digits[bytes[i] & 15]);
    }
}

/* Text from outside: RFC 4514 section 2.4, and nothing that could end the line. */
static void put_escaped(writer *to, const uint8_t *bytes, size_t length, const char *special)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] < 0x20 || bytes[i] == 0x7F) {
            put(to, '\\');
            put_hex(to, bytes + i, 1, "");
            continue;
        }
        if (strchr(special, bytes[i]) != NULL) {
            put(to, '\\');
        }
        put(to, (char) bytes[i]);
    }
}

static void put_name(writer *to, const char *key, const mbedtls_x509_name *name)
{
    put_text(to, key);
    const char *separator = "=";
    for (; name != NULL && name->oid.p != NULL; name = name->next) {
        const char *type = NULL;
        put_text(to, separator);
        separator = ", ";
        if (mbedtls_oid_get_attr_short_name(&name->oid, &type) == 0) {
            put_text(to, type);
        } else {
            put(to, '#');
            put_hex(to, name->oid.p, name->oid.len, "");
        }
        put(to, '=');
        put_escaped(to, name->val.p, name->val.len, ",+\"\\<>;");
    }
    put(to, '\n');
}

static void put_time(writer *to, const char *key, const mbedtls_x509_time *time)
{
    put_text(to, key);
    put_number(to, (uint32_t) time->year, 4);
    put(to, '-');
    put_number(to, (uint32_t) time->mon, 2);
    put(to, '-');
    put_number(to, (uint32_t) time->day, 2);
    put(to, 'T');
    put_number(to, (uint32_t) time->hour, 2);
    put(to, ':');
    put_number(to, (uint32_t) time->min, 2);
    put(to, ':');
    put_number(to, (uint32_t) time->sec, 2);
    put_text(to, "Z\n");
}

static void put_key(writer *to, const mbedtls_pk_context *key)
{
    put_text(to, "key=");
    if (mbedtls_pk_get_type(key) != MBEDTLS_PK_RSA) {
        put_text(to, "EC P-");
        put_number(to, (uint32_t) mbedtls_pk_get_bitlen(key), 1);
    } else {
        put_text(to, "RSA ");
        put_number(to, (uint32_t) mbedtls_pk_get_bitlen(key), 1);
    }
    put(to, '\n');
}

/* A group of an IPv6 address, without leading zeros. */
static void put_group(writer *to, uint32_t group)
{
    static const char digits[] = "0123456789ABCDEF";
    for (uint32_t shift = 16; shift != 0; shift -= 4) {
        if (shift == 4 || group >> (shift - 4) != 0) {
            put(to, digits[group >> (shift - 4) & 15]);
        }
    }
}

/* IPv4 with dots; IPv6 as eight groups, as Node writes it. */
static void put_address(writer *to, const mbedtls_x509_buf *ip)
{
    for (size_t i = 0; i < ip->len && ip->len == 4; i++) {
        put_text(to, i != 0 ? "." : "");
        put_number(to, ip->p[i], 1);
    }
    for (size_t i = 0; i + 1 < ip->len && ip->len == 16; i += 2) {
        put_text(to, i != 0 ? ":" : "");
        put_group(to, (uint32_t) ip->p[i] << 8 | ip->p[i + 1]);
    }
}

/* RFC 5280 section 4.2.1.6, in Node's words. */
static void put_alternatives(writer *to, const mbedtls_x509_sequence *name)
{
    const char *separator = "san=";
    for (; name != NULL && name->buf.p != NULL; name = name->next) {
        if (name->buf.tag == 0x82) {
            put_text(to, separator);
            put_text(to, "DNS:");
            put_escaped(to, name->buf.p, name->buf.len, ",\\");
        } else if (name->buf.tag == 0x87) {
            put_text(to, separator);
            put_text(to, "IP Address:");
            put_address(to, &name->buf);
        } else {
            continue;
        }
        separator = ", ";
    }
    if (separator[0] == ',') {
        put(to, '\n');
    }
}

static void put_usage(writer *to, const mbedtls_x509_crt *certificate)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {
        { MBEDTLS_X509_KU_DIGITAL_SIGNATURE, " digitalSignature" },
        { MBEDTLS_X509_KU_KEY_ENCIPHERMENT, " keyEncipherment" },
        { MBEDTLS_X509_KU_KEY_AGREEMENT, " keyAgreement" },
        { MBEDTLS_X509_KU_KEY_CERT_SIGN, " keyCertSign" },
        { MBEDTLS_X509_KU_CRL_SIGN, " cRLSign" },
    };
    put_text(to, "usage=");
    if (mbedtls_x509_crt_has_ext_type(certificate, MBEDTLS_X509_EXT_KEY_USAGE)) {
        put_text(to, "keyUsage");
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            put_text(to, (certificate->MBEDTLS_PRIVATE(key_usage) & names[i].bit) != 0 ? names[i].name : "");
        }
    }
    const mbedtls_x509_sequence *use = &certificate->ext_key_usage;
    put_text(to, use->buf.p != NULL ? " extendedKeyUsage" : "");
    for (; use != NULL && use->buf.p != NULL; use = use->next) {
        put(to, ' ');
        if (MBEDTLS_OID_CMP(MBEDTLS_OID_SERVER_AUTH, &use->buf) == 0) {
            put_text(to, "serverAuth");
        } else if (MBEDTLS_OID_CMP(MBEDTLS_OID_CLIENT_AUTH, &use->buf) == 0) {
            put_text(to, "clientAuth");
        } else {
            put_hex(to, use->buf.p, use->buf.len, "");
        }
    }
    put(to, '\n');
}

/* Which rule of RFC 5280 section 4 is broken, by the extension that it is about. */
static void put_rule(writer *to, uint32_t rule)
{
    put_text(to, "rule=");
    if (rule == 0) {
        put_text(to, "version, names, or a critical extension that is not known");
    } else if (rule == 1) {
        put_text(to, "extension 1.3.6.1.5.5.7.1.1");
    } else {
        put_text(to, "extension 2.5.29.");
        put_number(to, rule, 1);
    }
    put(to, '\n');
}

static void write_certificate(writer *to, const mbedtls_x509_crt *certificate, uint32_t flags,
                              uint32_t rule, const uint8_t *fingerprint, bool with_names)
{
    put_name(to, "subject", &certificate->subject);
    put_name(to, "issuer", &certificate->issuer);
    bool whole = certificate->raw.p != NULL; /* an anchor of a bundle has neither number nor fingerprint */
    if (whole) {
        put_text(to, "serial=");
        put_hex(to, certificate->serial.p, certificate->serial.len, "");
        put(to, '\n');
    }
    put_time(to, "notBefore=", &certificate->valid_from);
    put_time(to, "notAfter=", &certificate->valid_to);
    put_key(to, &certificate->pk);
    if (whole) {
        put_text(to, "fingerprint=");
        put_hex(to, fingerprint, 32, ":");
        put(to, '\n');
    }
    if (flags != 0) {
        put_usage(to, certificate);
        put_text(to, "flags=");
        put_number(to, flags, 1);
        put(to, '\n');
    }
    if ((flags & ETLS_FLAG_PROFILE) != 0) {
        put_rule(to, rule);
    }
    if (with_names) {
        put_text(to, "pin=");
        put_hex(to, fingerprint + 32, 32, "");
        put(to, '\n');
        put_alternatives(to, &certificate->subject_alt_names);
    }
}

char *etls_report_certificate(etls_core *core, const mbedtls_x509_crt *certificate, uint32_t flags,
                              uint32_t rule, bool with_names)
{
    uint8_t fingerprint[64]; /* of all, and of the key */
    if (mbedtls_sha256(certificate->raw.p, certificate->raw.len, fingerprint, 0) != 0 ||
        mbedtls_sha256(certificate->pk_raw.p, certificate->pk_raw.len, fingerprint + 32, 0) != 0) {
        return NULL;
    }
    writer to = { NULL, 0 };
    write_certificate(&to, certificate, flags, rule, fingerprint, with_names);
    to.out = etls_alloc(core, to.length + 1);
    if (to.out != NULL) {
        to.length = 0;
        write_certificate(&to, certificate, flags, rule, fingerprint, with_names);
    }
    return to.out;
}

static void write_subject(writer *to, const mbedtls_x509_name *subject,
                          const mbedtls_x509_buf *algorithm)
{
    put_name(to, "subject", subject);
    put_text(to, "algorithm=OID ");
    put_hex(to, algorithm->p, algorithm->len, "");
    put(to, '\n');
}

char *etls_report_subject(etls_core *core, const mbedtls_x509_name *subject,
                          const mbedtls_x509_buf *algorithm)
{
    writer to = { NULL, 0 };
    write_subject(&to, subject, algorithm);
    to.out = etls_alloc(core, to.length + 1);
    if (to.out != NULL) {
        to.length = 0;
        write_subject(&to, subject, algorithm);
    }
    return to.out;
}

static void put_field(writer *to, const char *key, uint32_t value)
{
    put_text(to, key);
    put(to, '=');
    put_number(to, value, 1);
    put(to, '\n');
}

/* A source's settings and what its tests have seen. */
static void write_source(writer *to, const etls_source *source, const etls_health *health)
{
    static const char *const tests[] = { "", "repetition count", "adaptive proportion" };
    put_text(to, "\nname=");
    put_text(to, source->name);
    put(to, '\n');
    put_field(to, "width", source->width);
    put_field(to, "credit", source->credit);
    put_field(to, "samples", health->samples);
    put_field(to, "longest", health->longest);
    put_field(to, "repetitions", source->repetitions);
    put_field(to, "most", health->most);
    put_field(to, "proportion", source->proportion);
    put_field(to, "window", source->window);
    put_text(to, "failed=");
    put_text(to, tests[health->failed]);
    put(to, '\n');
}

static void write_entropy(writer *to, const etls_entropy *entropy)
{
    put_field(to, "seedings", entropy->seedings);
    put_field(to, "bits", entropy->credit / ETLS_CREDIT_STEPS);
    put_field(to, "wanted", ETLS_POOL_BITS);
    put_field(to, "blamed", entropy->blamed);
    for (uint32_t i = 0; i < ETLS_MAX_SOURCES && etls_port_source(i) != NULL; i++) {
        write_source(to, etls_port_source(i), &entropy->health[i]);
    }
}

/* ---- etls_report ---- */

static void write_session(writer *to, const etls_session *session)
{
    const char *alpn = mbedtls_ssl_get_alpn_protocol(&session->ssl);
    if (alpn != NULL) {
        put_text(to, "alpn=");
        put_text(to, alpn);
        put(to, '\n');
    }
}

static void write_build(writer *to)
{
    put_text(to, "mbedtls=" MBEDTLS_VERSION_STRING "\nprofile=");
#if defined(ETLS_PROFILE_SMALL)
    put_text(to, "small\n");
#else
    put_text(to, "full\n");
#endif
}

static void write_report(writer *to, const etls_core *core, const etls_session *session,
                         uint32_t report)
{
    const char *kept = NULL;
    switch (report) {
    case ETLS_REPORT_FAILURE:
        kept = session->verdict.failure;
        break;
    case ETLS_REPORT_PEER:
        kept = session->verdict.peer;
        break;
    case ETLS_REPORT_CHAIN:
        kept = session->verdict.chain;
        break;
    case ETLS_REPORT_SESSION:
        write_session(to, session);
        break;
    case ETLS_REPORT_ENTROPY:
        write_entropy(to, &core->entropy);
        break;
    default:
        write_build(to);
        break;
    }
    put_text(to, kept != NULL ? kept : "");
}

int32_t etls_report(etls_core *core, int32_t handle, uint32_t report)
{
    etls_session *session = NULL;
    int32_t error = report == 0 || report >= ETLS_REPORT_BUILD
                        ? etls_enter(core)
                        : etls_find_session(core, handle, &session);
    if (error != ETLS_OK) {
        return error;
    }
    core->arena.owner = 0;
    etls_free(core, core->report);
    core->report = NULL;
    if (report == 0) {
        return 0;
    }
    if (report > ETLS_REPORT_ENTROPY) {
        return ETLS_ERR_BAD_ARGUMENT;
    }
    writer to = { NULL, 0 };
    write_report(&to, core, session, report);
    if (to.length == 0) {
        return 0;
    }
    to.out = etls_alloc(core, to.length);
    if (to.out == NULL) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    to.length = 0;
    write_report(&to, core, session, report);
    core->report = to.out;
    return (int32_t) to.length;
}

int32_t etls_report_data(etls_core *core)
{
    int32_t error = etls_enter(core);
    return error != ETLS_OK ? error : (int32_t) (uintptr_t) core->report;
}
