/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Saved sessions: TLS 1.2 session ids and tickets (RFC 5246 section 7.3, RFC 5077), TLS 1.3 tickets
 * (RFC 8446 section 4.6.1). A session is written as soon as it can be resumed, and its ticket is then
 * dropped. It holds what the certificate was found to be, because it will not be seen again.
 *
 *    0  "ETLS"   4  format   5  0   6  length of the report, 2 bytes   8  good until, seconds since 1970, 4
 *   12  flags of the verification, 4   16  binding, 16   32  check, 8   40  verified, seconds since 1970, 4
 *   44  report of the peer's certificate, then Mbed TLS's own serialization
 *
 * Numbers are little-endian. The binding is of host, trust anchors, own certificate and policy: the
 * first half of their SHA-256; the check is of everything else. Neither is a secret: who can write to
 * where sessions are kept can write to the trust anchors as well.
 *
 * Of Mbed TLS 3.6 it relies on this: with signals of tickets enabled, mbedtls_ssl_read() leaves a
 * NewSessionTicket in `in_msg` and the state at MBEDTLS_SSL_TLS1_3_NEW_SESSION_TICKET. It would then go on with
 * the handshake's state, which is long freed here (lean.c); so the message is read by take_ticket().
 */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "core.h"

#if ETLS_HAS_SESSIONS

#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include <ssl_misc.h>
#include <string.h>
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
#include <mbedtls/psa_util.h>
#include <ssl_tls13_keys.h>
#endif

#define FORMAT 1u
#define BINDING 16u
#define CHECK 8u
#define AT_REPORT_LENGTH 6u
#define AT_UNTIL 8u
#define AT_FLAGS 12u
#define AT_BINDING 16u
#define AT_CHECK 32u
#define AT_SINCE 40u
#define HEADER 44u
/* Seconds since the certificate was verified, however often resumed: seven days, as RFC 8446 section 4.6.1 has it. */
#define LONGEST_LIFE 604800u
#define COMMON_LIFE 86400u   /* when the server does not say: RFC 5246 appendix F.1.4 */
#define BUNDLE_HEADER 16u    /* of a trust bundle: its length and CRC stand in it */

static void write32(uint8_t *at, uint32_t value)
{
    for (uint32_t i = 0; i < 4; i++) {
        at[i] = (uint8_t) (value >> 8 * i);
    }
}

static uint32_t read32(const uint8_t *at)
{
    return (uint32_t) at[0] | (uint32_t) at[1] << 8 | (uint32_t) at[2] << 16 | (uint32_t) at[3] << 24;
}

/* ---- what a session is bound to ---- */

static int hash_anchors(etls_context *context)
{
    uint8_t hash[32];
    mbedtls_sha256_context sha;
    mbedtls_sha256_init(&sha);
    int result = mbedtls_sha256_starts(&sha, 0);
    for (const etls_anchor *anchor = context->anchors; anchor != NULL && result == 0;
         anchor = anchor->next) {
        uint32_t length = anchor->length != 0 ? anchor->length : BUNDLE_HEADER;
        result = mbedtls_sha256_update(&sha, anchor->der, length); /* DER tells its own length */
    }
    result = result == 0 ? mbedtls_sha256_finish(&sha, hash) : result;
    mbedtls_sha256_free(&sha);
    memcpy(context->anchors_hash, hash, sizeof(context->anchors_hash));
    context->anchors_hashed = result == 0;
    return result;
}

static int bind(const etls_session *session, uint8_t *binding)
{
    etls_context *context = session->context;
    const mbedtls_x509_crt *own = context->chain;
    const char *host = session->host != NULL ? session->host : "";
    uint8_t policy[] = { context->role, context->verify, context->max_path,
                         (uint8_t) context->config.min_tls_version,
                         (uint8_t) context->config.max_tls_version };
    uint8_t hash[32];
    int result = context->anchors_hashed ? 0 : hash_anchors(context);
    mbedtls_sha256_context sha;
    mbedtls_sha256_init(&sha);
    result = result == 0 ? mbedtls_sha256_starts(&sha, 0) : result;
    if (result == 0) {
        (void) mbedtls_sha256_update(&sha, context->anchors_hash, sizeof(context->anchors_hash));
        (void) mbedtls_sha256_update(&sha, policy, sizeof(policy));
        (void) mbedtls_sha256_update(&sha, (const uint8_t *) host, strlen(host) + 1);
        if (own != NULL) {
            (void) mbedtls_sha256_update(&sha, own->raw.p, own->raw.len);
        }
        result = mbedtls_sha256_finish(&sha, hash);
    }
    mbedtls_sha256_free(&sha);
    memcpy(binding, hash, BINDING);
    return result;
}

static int sum_up(const uint8_t *saved, uint32_t length, uint8_t *check)
{
    uint8_t hash[32];
    mbedtls_sha256_context sha;
    mbedtls_sha256_init(&sha);
    (void) mbedtls_sha256_starts(&sha, 0);
    (void) mbedtls_sha256_update(&sha, saved, AT_CHECK);
    (void) mbedtls_sha256_update(&sha, saved + AT_SINCE, length - AT_SINCE);
    int result = mbedtls_sha256_finish(&sha, hash);
    mbedtls_sha256_free(&sha);
    memcpy(check, hash, CHECK);
    return result;
}

/* ---- saving ---- */

void etls_resume_forget(etls_session *session)
{
    etls_wipe_free(session->core, session->saved, session->saved_length);
    session->saved = NULL;
    session->saved_length = 0;
}

static bool fill(const etls_session *session, const mbedtls_ssl_session *from, uint8_t *saved,
                 uint32_t length, uint32_t life)
{
    const char *report = session->verdict.peer != NULL ? session->verdict.peer : "";
    uint32_t report_length = (uint32_t) strlen(report);
    size_t written = 0;
    uint32_t now = (uint32_t) etls_clock_now();
    uint32_t age = now - session->since;
    uint32_t left = age < LONGEST_LIFE ? LONGEST_LIFE - age : 0;
    memcpy(saved, "ETLS", 4);
    saved[4] = FORMAT;
    saved[AT_REPORT_LENGTH] = (uint8_t) report_length;
    saved[AT_REPORT_LENGTH + 1] = (uint8_t) (report_length >> 8);
    write32(saved + AT_UNTIL, now + (life > left ? left : life));
    write32(saved + AT_SINCE, session->since);
    write32(saved + AT_FLAGS, session->verdict.flags);
    memcpy(saved + HEADER, report, report_length);
    uint32_t before = HEADER + report_length;
    return mbedtls_ssl_session_save(from, saved + before, length - before, &written) == 0 &&
           written == length - before && bind(session, saved + AT_BINDING) == 0 &&
           sum_up(saved, length, saved + AT_CHECK) == 0;
}

/* Writes a session; without memory there is none, and the connection goes on. */
static void save(etls_session *session, const mbedtls_ssl_session *from, uint32_t life)
{
    const char *report = session->verdict.peer;
    size_t length = 0;
    etls_resume_forget(session);
    (void) mbedtls_ssl_session_save(from, NULL, 0, &length);
    length += HEADER + (report != NULL ? strlen(report) : 0);
    if (length > UINT16_MAX) {
        return;
    }
    session->saved = etls_alloc(session->core, length);
    if (session->saved == NULL) {
        return;
    }
    session->saved_length = (uint16_t) length;
    if (!fill(session, from, session->saved, (uint32_t) length, life)) {
        etls_resume_forget(session);
    }
}

void etls_resume_after_handshake(etls_session *session)
{
    mbedtls_ssl_session *ended = session->ssl.session;
    bool old = mbedtls_ssl_get_version_number(&session->ssl) == MBEDTLS_SSL_VERSION_TLS1_2;
    if (!session->offered) {
        session->since = (uint32_t) etls_clock_now();
    }
    etls_lean_drop_peer(session);
    bool wanted = session->context->sessions && session->context->role == ETLS_CLIENT;
    /* A ticket takes the id's place; one that was offered and not renewed has been written before. */
    bool given = ended->id_len == 0 ? ended->ticket_len != 0 : !session->offered;
    if (wanted && old && given) {
        uint32_t life = ended->ticket_lifetime != 0 ? ended->ticket_lifetime : COMMON_LIFE;
        uint32_t age = (uint32_t) etls_clock_now() - (uint32_t) ended->start;
        save(session, ended, life > age ? life - age : 0);
    }
    if (ended->ticket != NULL) {
        etls_wipe_free(session->core, ended->ticket, ended->ticket_len);
        ended->ticket = NULL;
        ended->ticket_len = 0;
    }
}

#if defined(MBEDTLS_SSL_PROTO_TLS1_3)

/* RFC 8446 section 4.6.1. */
typedef struct {
    uint32_t life;
    uint32_t age_add;
    const uint8_t *nonce;
    uint8_t nonce_length;
    uint8_t *ticket;
    uint16_t ticket_length;
} ticket;

static uint32_t big_endian(const uint8_t *at, uint32_t bytes)
{
    uint32_t value = 0;
    while (bytes-- != 0) {
        value = value << 8 | *at++;
    }
    return value;
}

static bool read_ticket(ticket *out, uint8_t *at, uint32_t length)
{
    if (length < 9) {
        return false;
    }
    out->life = big_endian(at, 4);
    out->age_add = big_endian(at + 4, 4);
    out->nonce_length = at[8];
    out->nonce = at + 9;
    at += 9;
    length -= 9;
    if (length < out->nonce_length + 2u) {
        return false;
    }
    at += out->nonce_length;
    out->ticket_length = (uint16_t) big_endian(at, 2);
    length -= out->nonce_length + 2u;
    out->ticket = at + 2;
    if (out->ticket_length == 0 || length < out->ticket_length + 2u) {
        return false;
    }
    uint32_t extensions = big_endian(out->ticket + out->ticket_length, 2);
    return length - out->ticket_length - 2u == extensions; /* early_data is all there is: not used */
}

/* Section 4.6.1, last but one paragraph: the key of a ticket. */
static bool derive_key(const mbedtls_ssl_session *from, const ticket *got, mbedtls_ssl_session *to)
{
    const mbedtls_ssl_ciphersuite_t *suite = mbedtls_ssl_ciphersuite_from_id(from->ciphersuite);
    psa_algorithm_t hash = mbedtls_md_psa_alg_from_type((mbedtls_md_type_t) suite->mac);
    size_t length = PSA_HASH_LENGTH(hash);
    to->resumption_key_len = (uint8_t) length;
    return mbedtls_ssl_tls13_hkdf_expand_label(hash, from->master, length,
                                               MBEDTLS_SSL_TLS1_3_LBL_WITH_LEN(resumption), got->nonce,
                                               got->nonce_length, to->resumption_key, length) == 0;
}

static void save_ticket(etls_session *session, const ticket *got)
{
    const mbedtls_ssl_session *from = session->ssl.session;
    mbedtls_ssl_session *full = etls_alloc(session->core, sizeof(*full));
    if (full == NULL) {
        return;
    }
    full->endpoint = from->endpoint;
    full->tls_version = from->tls_version;
    full->ciphersuite = from->ciphersuite;
    full->record_size_limit = from->record_size_limit;
    full->ticket = got->ticket;
    full->ticket_len = got->ticket_length;
    full->ticket_lifetime = got->life > LONGEST_LIFE ? LONGEST_LIFE : got->life;
    full->ticket_age_add = got->age_add;
    full->ticket_reception_time = mbedtls_ms_time();
    full->ticket_flags = (uint8_t) session->context->config.tls13_kex_modes;
    full->hostname = session->host_ip_length == 0 ? session->host : NULL;
    if (derive_key(from, got, full)) {
        save(session, full, got->life);
    }
    etls_wipe_free(session->core, full, sizeof(*full)); /* what it points to is others' */
}

int32_t etls_resume_take_ticket(etls_session *session)
{
    mbedtls_ssl_context *ssl = &session->ssl;
    ticket got;
    if (ssl->state != MBEDTLS_SSL_TLS1_3_NEW_SESSION_TICKET || !session->established) {
        return ETLS_OK;
    }
    uint32_t head = (uint32_t) mbedtls_ssl_hs_hdr_len(ssl);
    bool good = read_ticket(&got, ssl->in_msg + head, (uint32_t) ssl->in_hslen - head);
    if (good && got.life != 0) {
        save_ticket(session, &got);
    }
    ssl->state = MBEDTLS_SSL_HANDSHAKE_OVER;
    ssl->keep_current_message = 0;
    return good ? ETLS_OK : ETLS_ERR_DECODE_ERROR;
}

#else

int32_t etls_resume_take_ticket(etls_session *session)
{
    (void) session;
    return ETLS_OK;
}

#endif

/* ---- offering ---- */

static int32_t check(const etls_session *session, const uint8_t *saved, uint32_t length)
{
    uint8_t binding[BINDING];
    uint8_t sum[CHECK];
    if (length < HEADER || memcmp(saved, "ETLS", 4) != 0 || saved[4] != FORMAT ||
        HEADER + (saved[AT_REPORT_LENGTH] | (uint32_t) saved[AT_REPORT_LENGTH + 1] << 8) >= length) {
        return ETLS_ERR_SESSION_DAMAGED;
    }
    if (sum_up(saved, length, sum) != 0 || memcmp(sum, saved + AT_CHECK, CHECK) != 0) {
        return ETLS_ERR_SESSION_DAMAGED;
    }
    bool required = session->context->verify == ETLS_VERIFY_REQUIRED;
    if (bind(session, binding) != 0 || memcmp(binding, saved + AT_BINDING, BINDING) != 0 ||
        (required && read32(saved + AT_FLAGS) != 0)) {
        return ETLS_ERR_SESSION_CHANGED;
    }
    int64_t now = etls_clock_now();
    int64_t until = read32(saved + AT_UNTIL);
    return now < until && now >= read32(saved + AT_SINCE) && until - now <= LONGEST_LIFE ? ETLS_OK : ETLS_ERR_SESSION_EXPIRED;
}

/* Takes over what was found about the peer; if it shows its certificate again, that is found anew. */
static int32_t take_over(etls_session *session, const uint8_t *saved)
{
    uint32_t length = saved[AT_REPORT_LENGTH] | (uint32_t) saved[AT_REPORT_LENGTH + 1] << 8;
    session->since = read32(saved + AT_SINCE);
    session->verdict.flags = read32(saved + AT_FLAGS);
    session->verdict.error = (int16_t) etls_error_from_flags(session->verdict.flags);
    if (length == 0 || session->context->peer_info == 0) {
        return ETLS_OK;
    }
    session->verdict.peer = etls_alloc(session->core, length + 1);
    if (session->verdict.peer == NULL) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    memcpy(session->verdict.peer, saved + HEADER, length);
    return ETLS_OK;
}

static int32_t offer(etls_session *session, const uint8_t *saved, uint32_t length)
{
    uint32_t before = HEADER + (saved[AT_REPORT_LENGTH] | (uint32_t) saved[AT_REPORT_LENGTH + 1] << 8);
    mbedtls_ssl_session *loaded = etls_alloc(session->core, sizeof(*loaded));
    if (loaded == NULL) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    mbedtls_ssl_session_init(loaded);
    int result = mbedtls_ssl_session_load(loaded, saved + before, length - before);
    if (result == 0) {
        result = mbedtls_ssl_set_session(&session->ssl, loaded);
    }
    mbedtls_ssl_session_free(loaded);
    etls_free(session->core, loaded);
    if (session->core->arena.refused != session->refused) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    return result == 0 ? take_over(session, saved) : ETLS_ERR_SESSION_CHANGED; /* by another build */
}

int32_t etls_session_offer(etls_core *core, int32_t handle, const uint8_t *saved, uint32_t length)
{
    etls_session *session;
    int32_t error = etls_find_session(core, handle, &session);
    if (error != ETLS_OK) {
        return error;
    }
    if (session->error != ETLS_OK || session->offered || !session->context->sessions ||
        session->context->role != ETLS_CLIENT ||
        etls_records_phase(session) != MBEDTLS_SSL_HELLO_REQUEST) {
        return ETLS_ERR_BAD_STATE;
    }
    session->refused = core->arena.refused;
    error = check(session, saved, length);
    if (error == ETLS_OK) {
        error = offer(session, saved, length);
        session->offered = error == ETLS_OK;
    }
    etls_phase_end(core, ETLS_PHASE_SETUP);
    return error;
}

int32_t etls_session_forget(etls_core *core, int32_t handle)
{
    etls_session *session;
    int32_t error = etls_find_session(core, handle, &session);
    if (error == ETLS_OK) {
        etls_resume_forget(session);
    }
    return error;
}

#else

void etls_resume_after_handshake(etls_session *session)
{
    etls_lean_drop_peer(session);
}

int32_t etls_resume_take_ticket(etls_session *session)
{
    (void) session;
    return ETLS_OK;
}

void etls_resume_forget(etls_session *session)
{
    (void) session;
}

int32_t etls_session_offer(etls_core *core, int32_t handle, const uint8_t *saved, uint32_t length)
{
    etls_session *session;
    int32_t error = etls_find_session(core, handle, &session);
    (void) saved;
    (void) length;
    return error != ETLS_OK ? error : ETLS_ERR_UNSUPPORTED;
}

int32_t etls_session_forget(etls_core *core, int32_t handle)
{
    etls_session *session;
    return etls_find_session(core, handle, &session);
}

#endif
