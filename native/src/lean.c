/* SPDX-License-Identifier: Apache-2.0 */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "core.h"

#include <bignum_core.h>
#include <mbedtls/aes.h>
#include <mbedtls/chachapoly.h>
#include <mbedtls/gcm.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/rsa.h>
#include <ssl_misc.h>
#include <string.h>

/* ---- RSA: R^2 mod N without a division ---- */

/* x := 2x mod n, for x < n. `scratch` has as many limbs. */
static void double_mod(mbedtls_mpi_uint *x, const mbedtls_mpi_uint *n, mbedtls_mpi_uint *scratch,
                       size_t limbs)
{
    mbedtls_mpi_uint carry = mbedtls_mpi_core_add(x, x, x, limbs);
    mbedtls_mpi_uint borrow = mbedtls_mpi_core_sub(scratch, x, n, limbs);
    if (carry >= borrow) {
        memcpy(x, scratch, limbs * sizeof(*x));
    }
}

/*
 * x := R^2 mod n with R = 2^bits, bits being that of all limbs. From the largest power of two
 * below n by doubling to R 2^k, then by Montgomery squaring, which doubles k each time, to R 2^bits.
 */
static void compute_rr(mbedtls_mpi_uint *x, const mbedtls_mpi_uint *n, mbedtls_mpi_uint *scratch,
                       size_t limbs)
{
    size_t bits = limbs * sizeof(*x) * 8;
    size_t length = mbedtls_mpi_core_bitlen(n, limbs);
    size_t exponent = bits;
    while (exponent % 2 == 0 && exponent > 32) {
        exponent /= 2;
    }
    memset(x, 0, limbs * sizeof(*x));
    x[(length - 1) / (sizeof(*x) * 8)] = (mbedtls_mpi_uint) 1 << ((length - 1) % (sizeof(*x) * 8));
    for (size_t i = length - 1; i < bits + exponent; i++) {
        double_mod(x, n, scratch, limbs);
    }
    mbedtls_mpi_uint mm = mbedtls_mpi_core_montmul_init(n);
    for (; exponent < bits; exponent *= 2) {
        mbedtls_mpi_core_montmul(x, x, x, limbs, n, limbs, mm, scratch);
    }
}

bool etls_lean_prepare_key(mbedtls_pk_context *key)
{
    if (mbedtls_pk_get_type(key) != MBEDTLS_PK_RSA) {
        return true;
    }
    mbedtls_rsa_context *rsa = mbedtls_pk_rsa(*key);
    size_t limbs = rsa->N.n;
    if (rsa->RN.p != NULL || limbs == 0 || (rsa->N.p[0] & 1) == 0) {
        return true; /* done already, or nothing that RSA could use: Mbed TLS refuses it */
    }
    size_t working = mbedtls_mpi_core_montmul_working_limbs(limbs);
    mbedtls_mpi_uint *scratch = etls_mbedtls_calloc(working, sizeof(*scratch));
    if (scratch == NULL || mbedtls_mpi_grow(&rsa->RN, limbs) != 0) {
        etls_mbedtls_free(scratch);
        return false;
    }
    compute_rr(rsa->RN.p, rsa->N.p, scratch, limbs);
    etls_mbedtls_free(scratch);
    return true;
}

void etls_lean_forget_key(mbedtls_pk_context *key)
{
    if (mbedtls_pk_get_type(key) == MBEDTLS_PK_RSA) {
        mbedtls_mpi_free(&mbedtls_pk_rsa(*key)->RN);
    }
}

/* ---- keys of certificates ---- */

void etls_lean_put_key_away(mbedtls_x509_crt *certificate)
{
    mbedtls_pk_free(&certificate->pk);
    mbedtls_pk_init(&certificate->pk);
}

bool etls_lean_bring_key(mbedtls_x509_crt *certificate)
{
    unsigned char *at = certificate->pk_raw.p;
    if (mbedtls_pk_get_type(&certificate->pk) != MBEDTLS_PK_NONE) {
        return true;
    }
    mbedtls_pk_init(&certificate->pk);
    return mbedtls_pk_parse_subpubkey(&at, at + certificate->pk_raw.len, &certificate->pk) == 0;
}

/* ---- handshake ---- */

void etls_lean_before_verify(etls_session *session)
{
    /*
     * TLS 1.2 has hashed the Certificate message and copied the certificates, so the record can
     * go, unless they are read in it. TLS 1.3 hashes it afterwards.
     */
    if (ETLS_KEEPS_CHAIN && mbedtls_ssl_get_version_number(&session->ssl) == MBEDTLS_SSL_VERSION_TLS1_2) {
        etls_records_drop_message(session);
    }
}

/* The transcript is hashed twice until the cipher suite is known; servers of TLS 1.2 go on so. */
static void free_other_hash(mbedtls_ssl_handshake_params *handshake)
{
    if (handshake->ciphersuite_info->mac == MBEDTLS_MD_SHA384) {
        mbedtls_md_free(&handshake->fin_sha256);
    } else {
        mbedtls_md_free(&handshake->fin_sha384);
    }
}

#if defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)

static void free_certificates(mbedtls_x509_crt **certificates)
{
    if (*certificates != NULL) {
        mbedtls_x509_crt_free(*certificates);
        etls_mbedtls_free(*certificates);
        *certificates = NULL;
    }
}

/* The chain is verified: of the peer's certificates only the key of the first is still needed. */
static void free_issuers(mbedtls_ssl_context *ssl)
{
    if (ssl->session_negotiate != NULL && ssl->session_negotiate->peer_cert != NULL) {
        free_certificates(&ssl->session_negotiate->peer_cert->next);
    }
}

static void free_peer(mbedtls_ssl_session *session)
{
    free_certificates(&session->peer_cert);
}

#else /* Mbed TLS keeps none */

static void free_issuers(mbedtls_ssl_context *ssl)
{
    (void) ssl;
}

static void free_peer(mbedtls_ssl_session *session)
{
    etls_mbedtls_free(session->peer_cert_digest);
    session->peer_cert_digest = NULL;
}

#endif

void etls_lean_after_step(etls_session *session)
{
    mbedtls_ssl_handshake_params *handshake = session->ssl.handshake;
    if (handshake == NULL || handshake->ciphersuite_info == NULL ||
        session->ssl.state <= MBEDTLS_SSL_SERVER_HELLO) {
        return;
    }
    if (session->context->role == ETLS_CLIENT) {
        free_other_hash(handshake);
    }
    free_issuers(&session->ssl);
}

static void free_handshake(mbedtls_ssl_context *ssl)
{
    if (ssl->handshake == NULL) {
        return; /* TLS 1.2 has done it */
    }
    mbedtls_ssl_handshake_free(ssl);
    etls_mbedtls_free(ssl->handshake);
    ssl->handshake = NULL;
    if (ssl->transform_negotiate != NULL) {
        mbedtls_ssl_transform_free(ssl->transform_negotiate);
        etls_mbedtls_free(ssl->transform_negotiate);
        ssl->transform_negotiate = NULL;
    }
}

/*
 * Of Mbed TLS's session, what a connection of TLS 1.2 that goes on still asks for: its first part.
 * TLS 1.3 needs the traffic secrets at its end for key_update.c.
 */
#define SESSION_KEPT (offsetof(mbedtls_ssl_session, verify_result) + sizeof(uint32_t))

#if defined(MBEDTLS_SSL_PROTO_TLS1_3)

/* The secret that tickets need goes where TLS 1.2 has its master secret. */
static void keep_secret(mbedtls_ssl_session *session)
{
    etls_mbedtls_free(session->hostname);
    session->hostname = NULL;
    if (session->tls_version == MBEDTLS_SSL_VERSION_TLS1_3) {
        memcpy(session->master, session->app_secrets.resumption_master_secret,
               sizeof(session->master));
    }
}

#else

static void keep_secret(mbedtls_ssl_session *session)
{
    (void) session;
}

#endif

/* Moves a text that stays to where there is room now, so that what was freed becomes one piece. */
static void move_down(etls_core *core, char **text)
{
    size_t length = *text != NULL ? strlen(*text) + 1 : 0;
    char *copy = length != 0 ? etls_alloc(core, length) : NULL;
    if (copy != NULL && copy < *text) {
        memcpy(copy, *text, length);
        etls_free(core, *text);
        *text = copy;
    } else {
        etls_free(core, copy);
    }
}

void etls_lean_drop_peer(etls_session *session)
{
    free_peer(session->ssl.session);
}

void etls_lean_after_handshake(etls_session *session)
{
    mbedtls_ssl_context *ssl = &session->ssl;
    free_handshake(ssl);
    keep_secret(ssl->session);
    bool whole = ssl->session->tls_version == MBEDTLS_SSL_VERSION_TLS1_3;
    mbedtls_ssl_session *kept = whole ? NULL : etls_alloc(session->core, SESSION_KEPT);
    if (kept != NULL) {
        memcpy(kept, ssl->session, SESSION_KEPT);
        etls_wipe_free(session->core, ssl->session, sizeof(*ssl->session));
        ssl->session = kept;
        ssl->session_in = kept; /* limits of record sizes are read through these */
        ssl->session_out = kept;
        session->lean.cut = true;
    }
    move_down(session->core, &session->verdict.peer);
    move_down(session->core, &session->verdict.chain);
}

void etls_lean_free(etls_session *session)
{
    if (session->lean.cut) {
        etls_wipe_free(session->core, session->ssl.session, SESSION_KEPT);
        session->ssl.session = NULL; /* it ends before where Mbed TLS would wipe */
    }
}

/* ---- sleep ---- */

static mbedtls_ssl_transform *transform_of(const etls_session *session)
{
    return session->ssl.transform_in;
}

#if defined(MBEDTLS_CHACHAPOLY_C)

/* The key of ChaCha20-Poly1305, which stands in its state; null for other ciphers. */
static const void *chacha_key(const mbedtls_cipher_context_t *cipher)
{
    if (mbedtls_cipher_get_type(cipher) != MBEDTLS_CIPHER_CHACHA20_POLY1305) {
        return NULL;
    }
    const mbedtls_chachapoly_context *chacha = cipher->cipher_ctx;
    return &chacha->chacha20_ctx.state[4];
}

#else

static const void *chacha_key(const mbedtls_cipher_context_t *cipher)
{
    (void) cipher;
    return NULL;
}

#endif

#if defined(MBEDTLS_GCM_ALT)
#define etls_gcm_aes(gcm) (&((const mbedtls_gcm_context *) (gcm))->aes)
#else
#define etls_gcm_aes(gcm) ((const mbedtls_aes_context *) ((const mbedtls_gcm_context *) (gcm))->cipher_ctx.cipher_ctx)
#endif

/* The first round keys of AES are its key (FIPS 197 section 5.2). */
static const void *aes_key(const mbedtls_cipher_context_t *cipher)
{
    const mbedtls_aes_context *aes = etls_gcm_aes(cipher->cipher_ctx);
    return aes->buf + aes->rk_offset;
}

static void save_key(const mbedtls_cipher_context_t *cipher, uint8_t *key, size_t length)
{
    const void *chacha = chacha_key(cipher);
    memcpy(key, chacha != NULL ? chacha : aes_key(cipher), length);
}

/* Frees a cipher's context but not what it is. */
static const mbedtls_cipher_info_t *put_away(mbedtls_cipher_context_t *cipher)
{
    const mbedtls_cipher_info_t *info = cipher->cipher_info;
    mbedtls_cipher_free(cipher);
    cipher->cipher_info = info;
    return info;
}

void etls_lean_sleep(etls_session *session)
{
    etls_lean *lean = &session->lean;
    mbedtls_ssl_transform *transform = transform_of(session);
    if (lean->asleep || transform == NULL || transform != session->ssl.transform_out) {
        return;
    }
    int bits = mbedtls_cipher_get_key_bitlen(&transform->cipher_ctx_enc);
    if (bits <= 0 || (unsigned) bits > ETLS_LEAN_KEY * 8u) {
        return;
    }
    lean->key_length = (uint8_t) (bits / 8);
    save_key(&transform->cipher_ctx_enc, lean->enc, lean->key_length);
    save_key(&transform->cipher_ctx_dec, lean->dec, lean->key_length);
    (void) put_away(&transform->cipher_ctx_enc);
    (void) put_away(&transform->cipher_ctx_dec);
    lean->asleep = true;
}

static bool restore(mbedtls_cipher_context_t *cipher, const uint8_t *key, uint8_t length,
                    mbedtls_operation_t operation)
{
    const mbedtls_cipher_info_t *info = cipher->cipher_info;
    mbedtls_cipher_init(cipher);
    if (mbedtls_cipher_setup(cipher, info) == 0 &&
        mbedtls_cipher_setkey(cipher, key, length * 8, operation) == 0) {
        return true;
    }
    (void) put_away(cipher);
    cipher->cipher_info = info;
    return false;
}

int32_t etls_lean_wake(etls_session *session)
{
    etls_lean *lean = &session->lean;
    if (!lean->asleep) {
        return ETLS_OK;
    }
    mbedtls_ssl_transform *transform = transform_of(session);
    if (!restore(&transform->cipher_ctx_enc, lean->enc, lean->key_length, MBEDTLS_ENCRYPT)) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    if (!restore(&transform->cipher_ctx_dec, lean->dec, lean->key_length, MBEDTLS_DECRYPT)) {
        (void) put_away(&transform->cipher_ctx_enc);
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    mbedtls_platform_zeroize(lean->enc, sizeof(lean->enc));
    mbedtls_platform_zeroize(lean->dec, sizeof(lean->dec));
    lean->asleep = false;
    return ETLS_OK;
}
