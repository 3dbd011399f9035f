/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Less at the peak and while idle: frees what Mbed TLS keeps longer than it is needed, and keeps
 * it from taking more than it needs. Beside records.c, the other place that knows the inside of
 * Mbed TLS 3.6.
 */
#ifndef ETLS_LEAN_H
#define ETLS_LEAN_H

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include <stdbool.h>
#include <stdint.h>

#define ETLS_LEAN_KEY 32u /* bytes of the longest record key */

/* The record keys of a connection whose cipher contexts are put away. */
typedef struct {
    bool asleep;
    bool cut; /* Mbed TLS's session is only its first part */
    uint8_t key_length;
    uint8_t enc[ETLS_LEAN_KEY];
    uint8_t dec[ETLS_LEAN_KEY];
} etls_lean;

struct etls_session;

/*
 * Prepares a public key for verifying signatures: with RSA, computes R^2 mod N in its own space,
 * which Mbed TLS would do by a long division with ten times the memory. False: no memory.
 */
bool etls_lean_prepare_key(mbedtls_pk_context *key);

/* Takes the prepared value away again. */
void etls_lean_forget_key(mbedtls_pk_context *key);

/*
 * Frees a certificate's parsed key while nobody needs it, and parses it again. False: no memory.
 */
void etls_lean_put_key_away(mbedtls_x509_crt *certificate);
bool etls_lean_bring_key(mbedtls_x509_crt *certificate);

/* Called after each handshake step: frees the transcript hash that the cipher suite does not use. */
void etls_lean_after_step(struct etls_session *session);

/* Called before the first signature of the peer's chain is verified. */
void etls_lean_before_verify(struct etls_session *session);

/* Called when the handshake is over: frees its state and the peer's chain. */
void etls_lean_after_handshake(struct etls_session *session);

/* Drops the peer's certificate before that: it is not saved with the session, the report of it is. */
void etls_lean_drop_peer(struct etls_session *session);

/* Called before mbedtls_ssl_free(). */
void etls_lean_free(struct etls_session *session);

/* Puts the cipher contexts away, down to their keys; and makes them anew. OUT_OF_MEMORY. */
void etls_lean_sleep(struct etls_session *session);
int32_t etls_lean_wake(struct etls_session *session);

#endif
