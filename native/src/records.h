/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Record-exact buffers: the one place that knows the inside of Mbed TLS.
 *
 * Mbed TLS wants two buffers of 16 KB and more for as long as a connection lives. Here the
 * incoming one exists from a record's header to its consumption and is exactly as long as the
 * record; the outgoing one exists while something is being sent. In between Mbed TLS points at
 * the two stubs below.
 */
#ifndef ETLS_RECORDS_H
#define ETLS_RECORDS_H

#include <mbedtls/ssl.h>

#include <stdbool.h>
#include <stdint.h>

#define ETLS_RECORD_COUNTER 8u /* Mbed TLS keeps the sequence number before the header */
#define ETLS_RECORD_HEADER 5u  /* RFC 8446 section 5.1: type, version, length */

/*
 * Bytes of the outgoing stub: Mbed TLS's overhead of 45 bytes and the 2 of an alert, so that
 * telling the peer of an error needs no memory.
 */
#define ETLS_RECORD_OUT_STUB 48u

typedef struct {
    uint8_t in_stub[ETLS_RECORD_COUNTER + ETLS_RECORD_HEADER];
    uint8_t out_stub[ETLS_RECORD_OUT_STUB];
    uint8_t header[ETLS_RECORD_HEADER]; /* of the record that is coming in */
    bool in_any;           /* a TLS record header has come */
    bool starved;          /* Mbed TLS asked for bytes that are not there */
    uint32_t in_have;      /* bytes of the current record, header included */
    uint32_t in_length;    /* of the whole record, 0 while the header is incomplete */
    uint32_t in_capacity;  /* bytes at ssl.in_buf, 0 for the stub */
    uint32_t out_capacity; /* bytes at ssl.out_buf, 0 for the stub */
    uint32_t out_room;     /* bytes of plaintext that fit there */
    uint32_t send_credit;  /* bytes that etls_records_sent() may take off the output */
} etls_records;

struct etls_session;

/*
 * To be called after each handshake step: OpenSSL answers max_fragment_length in TLS 1.3 too, and
 * Mbed TLS, which only knows it in TLS 1.2, would take the answer for one to a question never asked.
 */
void etls_records_note_asked(struct etls_session *session);

/* To be called before each call of Mbed TLS for a session: tells it the room of its buffer. */
void etls_records_activate(const struct etls_session *session);

/* Sets up session->ssl with the stubs in place of its buffers. Returns a code of Mbed TLS. */
int etls_records_setup(struct etls_session *session);

/* Frees the buffers and session->ssl. */
void etls_records_free(struct etls_session *session);

/*
 * Takes ciphertext up to the end of one record. Returns how many bytes, or NOT_TLS,
 * RECORD_TOO_LARGE, OUT_OF_MEMORY.
 */
int32_t etls_records_feed(struct etls_session *session, const uint8_t *data, uint32_t length);

/* True when a whole record, or a message left in one, waits for Mbed TLS. */
bool etls_records_ready(const struct etls_session *session);

/* Frees the incoming buffer as soon as Mbed TLS is done with what is in it. */
void etls_records_release(struct etls_session *session);

/* Makes room for what the next handshake step may write. OUT_OF_MEMORY. */
int32_t etls_records_reserve_step(struct etls_session *session);

/* Makes room for a record with `length` bytes of plaintext. OUT_OF_MEMORY. */
int32_t etls_records_reserve(struct etls_session *session, uint32_t length);

/* Frees the incoming buffer though Mbed TLS is in the middle of the message that is in it. */
void etls_records_drop_message(struct etls_session *session);

/* The ciphertext that waits to be sent. */
uint8_t *etls_records_output(const struct etls_session *session, uint32_t *length);

/* Takes `length` bytes off it; frees the outgoing buffer when nothing remains. */
void etls_records_sent(struct etls_session *session, uint32_t length);

/* The plaintext that waits to be read, and taking some of it. */
uint8_t *etls_records_data(const struct etls_session *session, uint32_t *length);
void etls_records_read(struct etls_session *session, uint32_t length);

/* The message being handled: for diagnosis after a parse error. */
const uint8_t *etls_records_message(const struct etls_session *session, uint32_t *length);

/* The number of the alert that was just received. */
int32_t etls_records_alert(const struct etls_session *session);

/*
 * What a call of Mbed TLS returned, but for one case: when it says that an alert is still to be
 * sent, which it would send again and again, the error that the alert is about.
 */
int etls_records_result(struct etls_session *session, int result);

/* Most bytes of plaintext that the next handshake step may write; room.c. */
uint32_t etls_room(const struct etls_session *session);

/* Mbed TLS's handshake state. */
int32_t etls_records_phase(const struct etls_session *session);

#endif
