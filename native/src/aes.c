/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES in one direction (FIPS 197), in place of Mbed TLS's: GCM and the random generator only encrypt. One
 * table of 256 bytes and loops, not one of 1 KB and unrolled rounds: 2.2 KB of flash less. What a cache
 * could tell of the places in the table is no more than with the larger one.
 */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "core.h"

#include <mbedtls/aes.h>
#include <mbedtls/platform_util.h>
#include <string.h>

#if defined(MBEDTLS_AES_ENCRYPT_ALT)

#define COLUMNS 4u

/* Figure 7: the inverse in GF(2^8), and an affine map. */
static const uint8_t substitutes[256] = {
    0x63, 0x7C, 0x77, 0x7B, 0xF2, 0x6B, 0x6F, 0xC5, 0x30, 0x01, 0x67, 0x2B, 0xFE, 0xD7, 0xAB, 0x76,
    0xCA, 0x82, 0xC9, 0x7D, 0xFA, 0x59, 0x47, 0xF0, 0xAD, 0xD4, 0xA2, 0xAF, 0x9C, 0xA4, 0x72, 0xC0,
    0xB7, 0xFD, 0x93, 0x26, 0x36, 0x3F, 0xF7, 0xCC, 0x34, 0xA5, 0xE5, 0xF1, 0x71, 0xD8, 0x31, 0x15,
    0x04, 0xC7, 0x23, 0xC3, 0x18, 0x96, 0x05, 0x9A, 0x07, 0x12, 0x80, 0xE2, 0xEB, 0x27, 0xB2, 0x75,
    0x09, 0x83, 0x2C, 0x1A, 0x1B, 0x6E, 0x5A, 0xA0, 0x52, 0x3B, 0xD6, 0xB3, 0x29, 0xE3, 0x2F, 0x84,
    0x53, 0xD1, 0x00, 0xED, 0x20, 0xFC, 0xB1, 0x5B, 0x6A, 0xCB, 0xBE, 0x39, 0x4A, 0x4C, 0x58, 0xCF,
    0xD0, 0xEF, 0xAA, 0xFB, 0x43, 0x4D, 0x33, 0x85, 0x45, 0xF9, 0x02, 0x7F, 0x50, 0x3C, 0x9F, 0xA8,
    0x51, 0xA3, 0x40, 0x8F, 0x92, 0x9D, 0x38, 0xF5, 0xBC, 0xB6, 0xDA, 0x21, 0x10, 0xFF, 0xF3, 0xD2,
    0xCD, 0x0C, 0x13, 0xEC, 0x5F, 0x97, 0x44, 0x17, 0xC4, 0xA7, 0x7E, 0x3D, 0x64, 0x5D, 0x19, 0x73,
    0x60, 0x81, 0x4F, 0xDC, 0x22, 0x2A, 0x90, 0x88, 0x46, 0xEE, 0xB8, 0x14, 0xDE, 0x5E, 0x0B, 0xDB,
    0xE0, 0x32, 0x3A, 0x0A, 0x49, 0x06, 0x24, 0x5C, 0xC2, 0xD3, 0xAC, 0x62, 0x91, 0x95, 0xE4, 0x79,
    0xE7, 0xC8, 0x37, 0x6D, 0x8D, 0xD5, 0x4E, 0xA9, 0x6C, 0x56, 0xF4, 0xEA, 0x65, 0x7A, 0xAE, 0x08,
    0xBA, 0x78, 0x25, 0x2E, 0x1C, 0xA6, 0xB4, 0xC6, 0xE8, 0xDD, 0x74, 0x1F, 0x4B, 0xBD, 0x8B, 0x8A,
    0x70, 0x3E, 0xB5, 0x66, 0x48, 0x03, 0xF6, 0x0E, 0x61, 0x35, 0x57, 0xB9, 0x86, 0xC1, 0x1D, 0x9E,
    0xE1, 0xF8, 0x98, 0x11, 0x69, 0xD9, 0x8E, 0x94, 0x9B, 0x1E, 0x87, 0xE9, 0xCE, 0x55, 0x28, 0xDF,
    0x8C, 0xA1, 0x89, 0x0D, 0xBF, 0xE6, 0x42, 0x68, 0x41, 0x99, 0x2D, 0x0F, 0xB0, 0x54, 0xBB, 0x16,
};

static uint32_t substitute(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    return (uint32_t) substitutes[a & 255] | (uint32_t) substitutes[b >> 8 & 255] << 8 |
           (uint32_t) substitutes[c >> 16 & 255] << 16 | (uint32_t) substitutes[d >> 24] << 24;
}

static uint32_t rotate(uint32_t word, uint32_t bits)
{
    return word >> bits | word << (32 - bits);
}

/* Each byte times 2 in GF(2^8): xtime() of section 4.2.1. */
static uint32_t times_2(uint32_t word)
{
    return (word & 0x7F7F7F7Fu) << 1 ^ (word >> 7 & 0x01010101u) * 0x1Bu;
}

/* SubBytes, ShiftRows and MixColumns of one column, section 5.1.3; its first byte is the lowest. */
static uint32_t column(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    uint32_t word = substitute(a, b, c, d);
    uint32_t twice = times_2(word);
    return twice ^ rotate(word ^ twice, 8) ^ rotate(word, 16) ^ rotate(word, 24);
}

/* Section 5.2. lean.c relies on the key being the first of the round keys. */
int mbedtls_aes_setkey_enc(mbedtls_aes_context *aes, const unsigned char *key, unsigned int bits)
{
    uint32_t length = bits / 32;
    uint32_t constant = 1;
    if (bits != 128 && bits != 256) {
        return MBEDTLS_ERR_AES_INVALID_KEY_LENGTH;
    }
    aes->nr = (int) length + 6;
    aes->rk_offset = 0;
    memcpy(aes->buf, key, bits / 8);
    for (uint32_t i = length; i < COLUMNS * (length + 7); i++) {
        uint32_t word = aes->buf[i - 1];
        if (i % length == 0) {
            word = rotate(word, 8);
            word = substitute(word, word, word, word) ^ constant;
            constant = times_2(constant);
        } else if (i % length == 4) { /* of 256 bits only */
            word = substitute(word, word, word, word);
        }
        aes->buf[i] = aes->buf[i - length] ^ word;
    }
    return 0;
}

/* Section 5.1. The last round has no MixColumns. */
int mbedtls_internal_aes_encrypt(mbedtls_aes_context *aes, const unsigned char in[16],
                                 unsigned char out[16])
{
    uint32_t state[COLUMNS];
    const uint32_t *keys = aes->buf + aes->rk_offset;
    memcpy(state, in, sizeof(state));
    for (uint32_t i = 0; i < COLUMNS; i++) {
        state[i] ^= keys[i];
    }
    uint32_t a = state[0];
    uint32_t b = state[1];
    uint32_t c = state[2];
    uint32_t d = state[3];
    for (int round = aes->nr - 1; round > 0; round--) {
        keys += COLUMNS;
        uint32_t first = column(a, b, c, d) ^ keys[0];
        uint32_t second = column(b, c, d, a) ^ keys[1];
        uint32_t third = column(c, d, a, b) ^ keys[2];
        d = column(d, a, b, c) ^ keys[3];
        a = first;
        b = second;
        c = third;
    }
    state[0] = substitute(a, b, c, d) ^ keys[4];
    state[1] = substitute(b, c, d, a) ^ keys[5];
    state[2] = substitute(c, d, a, b) ^ keys[6];
    state[3] = substitute(d, a, b, c) ^ keys[7];
    memcpy(out, state, sizeof(state));
    mbedtls_platform_zeroize(state, sizeof(state));
    return 0;
}

#endif
