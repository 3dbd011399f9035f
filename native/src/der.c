/* SPDX-License-Identifier: Apache-2.0 */
#include "der.h"

#include <mbedtls/asn1.h>
#include <string.h>

etls_der etls_der_of(const uint8_t *at, uint32_t length)
{
    etls_der part = { at, at, false };
    if (length != 0) {
        part.end += length; /* `at` may be null when there is nothing */
    }
    return part;
}

uint32_t etls_der_next(etls_der *in, etls_der *contents)
{
    if (in->damaged || in->at == in->end) {
        return 0;
    }
    unsigned char *at = (unsigned char *) (uintptr_t) in->at; /* Mbed TLS only reads */
    uint32_t tag = *at++;
    size_t length = 0;
    if (tag == 0 || mbedtls_asn1_get_len(&at, in->end, &length) != 0) {
        in->damaged = true;
        return 0;
    }
    *contents = etls_der_of(at, (uint32_t) length);
    in->at = at + length;
    return tag;
}

bool etls_der_enter(etls_der *in, uint32_t tag, etls_der *contents)
{
    etls_der rest = *in;
    if (etls_der_next(&rest, contents) != tag) {
        return false;
    }
    *in = rest;
    return true;
}

bool etls_der_over(const etls_der *in)
{
    return !in->damaged && in->at == in->end;
}

bool etls_der_same(const etls_der *a, const etls_der *b)
{
    uint32_t length = etls_der_length(a);
    return length == etls_der_length(b) && (length == 0 || memcmp(a->at, b->at, length) == 0);
}
