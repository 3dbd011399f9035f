/* SPDX-License-Identifier: Apache-2.0 */
/* Reading DER where it lies: ITU-T X.690, as far as certificates need it. */
#ifndef ETLS_DER_H
#define ETLS_DER_H

#include <stdbool.h>
#include <stdint.h>

/* What is still to be read of a run of elements. */
typedef struct {
    const uint8_t *at;
    const uint8_t *end;
    bool damaged; /* an element does not fit: nothing more is read */
} etls_der;

/* Tags of GeneralName: RFC 5280 section 4.2.1.6. */
enum {
    ETLS_NAME_EMAIL = 0x81,
    ETLS_NAME_DNS = 0x82,
    ETLS_NAME_DIRECTORY = 0xA4, /* a whole Name in it, with its own tag */
    ETLS_NAME_IP = 0x87
};

/* A run of elements. */
etls_der etls_der_of(const uint8_t *at, uint32_t length);

static inline uint32_t etls_der_length(const etls_der *part)
{
    return (uint32_t) (part->end - part->at);
}

/* Takes the next element: returns its tag and its contents, or 0 at the end and at damage. */
uint32_t etls_der_next(etls_der *in, etls_der *contents);

/* Takes the next element if it has this tag. */
bool etls_der_enter(etls_der *in, uint32_t tag, etls_der *contents);

/* Whether all was read, and undamaged. */
bool etls_der_over(const etls_der *in);

/* Whether two parts have the same bytes. */
bool etls_der_same(const etls_der *a, const etls_der *b);

#endif
