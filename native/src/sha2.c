/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256, SHA-384 and SHA-512 (FIPS 180-4) in place of Mbed TLS's sha256.c and sha512.c, whose contexts
 * these are: one table of constants for all three, since SHA-256's are the upper halves of SHA-512's, and
 * one piece of code for what is not yet a block: 1.7 KB of flash less.
 */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "core.h"

#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include <mbedtls/sha512.h>
#include <string.h>

#if !defined(ETLS_MBEDTLS_SHA2)

#define STATE 8u   /* words */
#define RECENT 16u /* words of the message schedule that are still needed */
#define BLOCK_256 64u
#define BLOCK_512 128u

/* Fractional parts of the square roots of the first 8 primes, section 5.3.5; and of the next 8, 5.3.4. */
static const uint64_t roots[2][STATE] = {
    {
        0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
        0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
    },
    {
        0xCBBB9D5DC1059ED8, 0x629A292A367CD507, 0x9159015A3070DD17, 0x152FECD8F70E5939,
        0x67332667FFC00B31, 0x8EB44A8768581511, 0xDB0C2E0D64F98FA7, 0x47B5481DBEFA4FA4,
    },
};

/* Those of the cube roots of the first 80 primes, section 4.2.3. */
static const uint64_t constants[80] = {
    0x428A2F98D728AE22, 0x7137449123EF65CD, 0xB5C0FBCFEC4D3B2F, 0xE9B5DBA58189DBBC,
    0x3956C25BF348B538, 0x59F111F1B605D019, 0x923F82A4AF194F9B, 0xAB1C5ED5DA6D8118,
    0xD807AA98A3030242, 0x12835B0145706FBE, 0x243185BE4EE4B28C, 0x550C7DC3D5FFB4E2,
    0x72BE5D74F27B896F, 0x80DEB1FE3B1696B1, 0x9BDC06A725C71235, 0xC19BF174CF692694,
    0xE49B69C19EF14AD2, 0xEFBE4786384F25E3, 0x0FC19DC68B8CD5B5, 0x240CA1CC77AC9C65,
    0x2DE92C6F592B0275, 0x4A7484AA6EA6E483, 0x5CB0A9DCBD41FBD4, 0x76F988DA831153B5,
    0x983E5152EE66DFAB, 0xA831C66D2DB43210, 0xB00327C898FB213F, 0xBF597FC7BEEF0EE4,
    0xC6E00BF33DA88FC2, 0xD5A79147930AA725, 0x06CA6351E003826F, 0x142929670A0E6E70,
    0x27B70A8546D22FFC, 0x2E1B21385C26C926, 0x4D2C6DFC5AC42AED, 0x53380D139D95B3DF,
    0x650A73548BAF63DE, 0x766A0ABB3C77B2A8, 0x81C2C92E47EDAEE6, 0x92722C851482353B,
    0xA2BFE8A14CF10364, 0xA81A664BBC423001, 0xC24B8B70D0F89791, 0xC76C51A30654BE30,
    0xD192E819D6EF5218, 0xD69906245565A910, 0xF40E35855771202A, 0x106AA07032BBD1B8,
    0x19A4C116B8D2D0C8, 0x1E376C085141AB53, 0x2748774CDF8EEB99, 0x34B0BCB5E19B48A8,
    0x391C0CB3C5C95A63, 0x4ED8AA4AE3418ACB, 0x5B9CCA4F7763E373, 0x682E6FF3D6B2B8A3,
    0x748F82EE5DEFB2FC, 0x78A5636F43172F60, 0x84C87814A1F0AB72, 0x8CC702081A6439EC,
    0x90BEFFFA23631E28, 0xA4506CEBDE82BDE9, 0xBEF9A3F7B2C67915, 0xC67178F2E372532B,
    0xCA273ECEEA26619C, 0xD186B8C721C0C207, 0xEADA7DD6CDE0EB1E, 0xF57D4F7FEE6ED178,
    0x06F067AA72176FBA, 0x0A637DC5A2C898A6, 0x113F9804BEF90DAE, 0x1B710B35131C471B,
    0x28DB77F523047D84, 0x32CAAB7B40C72493, 0x3C9EBE0A15C9BEBC, 0x431D67C49C100D4C,
    0x4CC5D4BECB3E42B6, 0x597F299CFC657E2A, 0x5FCB6FAB3AD6FAEC, 0x6C44198C4A475817,
};

/*
 * ---- blocks ----
 * The eight working variables go down through an array, one word a round, so that none has to be moved.
 */

static uint32_t rotate_32(uint32_t x, uint32_t bits)
{
    return x >> bits | x << (32 - bits);
}

/* Section 6.2.2. */
static void compress_256(uint32_t *state, const uint8_t *block)
{
    uint32_t w[RECENT];
    uint32_t all[64 + STATE];
    uint32_t *v = all + 64;
    memcpy(w, block, sizeof(w));
    memcpy(v, state, STATE * sizeof(*v));
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t *now = &w[i % RECENT];
        if (i < RECENT) {
            *now = __builtin_bswap32(*now);
        } else {
            uint32_t a = w[(i - 15) % RECENT];
            uint32_t b = w[(i - 2) % RECENT];
            *now += (rotate_32(a, 7) ^ rotate_32(a, 18) ^ a >> 3) + w[(i - 7) % RECENT] +
                    (rotate_32(b, 17) ^ rotate_32(b, 19) ^ b >> 10);
        }
        uint32_t one = v[7] + (rotate_32(v[4], 6) ^ rotate_32(v[4], 11) ^ rotate_32(v[4], 25)) +
                       (v[6] ^ (v[4] & (v[5] ^ v[6]))) + (uint32_t) (constants[i] >> 32) + *now;
        uint32_t two = (rotate_32(v[0], 2) ^ rotate_32(v[0], 13) ^ rotate_32(v[0], 22)) +
                       ((v[0] & v[1]) | (v[2] & (v[0] | v[1])));
        v[3] += one;
        *--v = one + two;
    }
    for (uint32_t i = 0; i < STATE; i++) {
        state[i] += v[i];
    }
    mbedtls_platform_zeroize(w, sizeof(w));
    mbedtls_platform_zeroize(all, sizeof(all));
}

/* By 1 to 63 bits, but 32. */
static uint64_t rotate_64(uint64_t x, uint32_t bits)
{
    uint32_t low = (uint32_t) (bits < 32 ? x : x >> 32);
    uint32_t high = (uint32_t) (bits < 32 ? x >> 32 : x);
    bits %= 32;
    return (uint64_t) (high >> bits | low << (32 - bits)) << 32 | (low >> bits | high << (32 - bits));
}

static uint64_t rotations(uint64_t x, uint32_t a, uint32_t b, uint32_t c)
{
    return rotate_64(x, a) ^ rotate_64(x, b) ^ rotate_64(x, c);
}

/* Section 6.4.2. */
static void compress_512(uint64_t *state, const uint8_t *block)
{
    uint64_t w[RECENT];
    uint64_t all[80 + STATE];
    uint64_t *v = all + 80;
    memcpy(w, block, sizeof(w));
    memcpy(v, state, STATE * sizeof(*v));
    for (uint32_t i = 0; i < 80; i++) {
        uint64_t *now = &w[i % RECENT];
        if (i < RECENT) {
            *now = __builtin_bswap64(*now);
        } else {
            uint64_t a = w[(i - 15) % RECENT];
            uint64_t b = w[(i - 2) % RECENT];
            *now += (rotate_64(a, 1) ^ rotate_64(a, 8) ^ a >> 7) + w[(i - 7) % RECENT] +
                    (rotate_64(b, 19) ^ rotate_64(b, 61) ^ b >> 6);
        }
        uint64_t one = v[7] + rotations(v[4], 14, 18, 41) + (v[6] ^ (v[4] & (v[5] ^ v[6]))) +
                       constants[i] + *now;
        uint64_t two = rotations(v[0], 28, 34, 39) + ((v[0] & v[1]) | (v[2] & (v[0] | v[1])));
        v[3] += one;
        *--v = one + two;
    }
    for (uint32_t i = 0; i < STATE; i++) {
        state[i] += v[i];
    }
    mbedtls_platform_zeroize(w, sizeof(w));
    mbedtls_platform_zeroize(all, sizeof(all));
}

static void compress(void *state, const uint8_t *block, uint32_t size)
{
    if (size == BLOCK_256) {
        compress_256(state, block);
    } else {
        compress_512(state, block);
    }
}

/* ---- what is not yet a block ---- */

/* Takes bytes in, of which `used` wait in the buffer. */
static void absorb(void *state, uint8_t *buffer, uint32_t size, uint32_t used, const uint8_t *in,
                   size_t length)
{
    while (length >= size - used) {
        size_t now = size - used;
        const uint8_t *block = used == 0 ? in : buffer;
        if (used != 0) {
            memcpy(buffer + used, in, now);
        }
        compress(state, block, size);
        in += now;
        length -= now;
        used = 0;
    }
    if (length != 0) {
        memcpy(buffer + used, in, length);
    }
}

/* Padding: sections 5.1.1 and 5.1.2. Lengths are below 2^61 bytes. */
static void finish(void *state, uint8_t *buffer, uint32_t size, uint64_t total)
{
    uint32_t used = (uint32_t) total % size;
    uint64_t bits = __builtin_bswap64(total << 3);
    buffer[used++] = 0x80;
    memset(buffer + used, 0, size - used);
    if (used > size - size / 8) {
        compress(state, buffer, size);
        memset(buffer, 0, size);
    }
    memcpy(buffer + size - sizeof(bits), &bits, sizeof(bits));
    compress(state, buffer, size);
}

/* ---- SHA-256, as Mbed TLS calls it ---- */

void mbedtls_sha256_init(mbedtls_sha256_context *sha)
{
    memset(sha, 0, sizeof(*sha));
}

void mbedtls_sha256_free(mbedtls_sha256_context *sha)
{
    if (sha != NULL) {
        mbedtls_platform_zeroize(sha, sizeof(*sha));
    }
}

void mbedtls_sha256_clone(mbedtls_sha256_context *to, const mbedtls_sha256_context *from)
{
    *to = *from;
}

int mbedtls_sha256_starts(mbedtls_sha256_context *sha, int is224)
{
    sha->total[0] = sha->total[1] = 0;
    for (uint32_t i = 0; i < STATE; i++) {
        sha->state[i] = (uint32_t) (roots[0][i] >> 32);
    }
    return is224 == 0 ? 0 : MBEDTLS_ERR_SHA256_BAD_INPUT_DATA;
}

int mbedtls_sha256_update(mbedtls_sha256_context *sha, const unsigned char *input, size_t length)
{
    uint32_t before = sha->total[0];
    absorb(sha->state, sha->buffer, BLOCK_256, before % BLOCK_256, input, length);
    sha->total[0] = before + (uint32_t) length;
    sha->total[1] += sha->total[0] < before;
    return 0;
}

int mbedtls_sha256_finish(mbedtls_sha256_context *sha, unsigned char *output)
{
    finish(sha->state, sha->buffer, BLOCK_256, (uint64_t) sha->total[1] << 32 | sha->total[0]);
    for (uint32_t i = 0; i < STATE; i++) {
        sha->state[i] = __builtin_bswap32(sha->state[i]);
    }
    memcpy(output, sha->state, 32);
    mbedtls_sha256_free(sha);
    return 0;
}

int mbedtls_sha256(const unsigned char *input, size_t length, unsigned char *output, int is224)
{
    mbedtls_sha256_context sha;
    int result = mbedtls_sha256_starts(&sha, is224);
    (void) mbedtls_sha256_update(&sha, input, length);
    (void) mbedtls_sha256_finish(&sha, output);
    return result;
}

/* ---- SHA-384 and SHA-512, likewise ---- */

void mbedtls_sha512_init(mbedtls_sha512_context *sha)
{
    memset(sha, 0, sizeof(*sha));
}

void mbedtls_sha512_free(mbedtls_sha512_context *sha)
{
    if (sha != NULL) {
        mbedtls_platform_zeroize(sha, sizeof(*sha));
    }
}

void mbedtls_sha512_clone(mbedtls_sha512_context *to, const mbedtls_sha512_context *from)
{
    *to = *from;
}

int mbedtls_sha512_starts(mbedtls_sha512_context *sha, int is384)
{
    sha->total[0] = 0;
    sha->is384 = is384;
    memcpy(sha->state, roots[is384 != 0], sizeof(sha->state));
    return 0;
}

int mbedtls_sha512_update(mbedtls_sha512_context *sha, const unsigned char *input, size_t length)
{
    absorb(sha->state, sha->buffer, BLOCK_512, (uint32_t) sha->total[0] % BLOCK_512, input, length);
    sha->total[0] += length;
    return 0;
}

int mbedtls_sha512_finish(mbedtls_sha512_context *sha, unsigned char *output)
{
    finish(sha->state, sha->buffer, BLOCK_512, sha->total[0]);
    for (uint32_t i = 0; i < STATE; i++) {
        sha->state[i] = __builtin_bswap64(sha->state[i]);
    }
    memcpy(output, sha->state, sha->is384 != 0 ? 48 : 64);
    mbedtls_sha512_free(sha);
    return 0;
}

int mbedtls_sha512(const unsigned char *input, size_t length, unsigned char *output, int is384)
{
    mbedtls_sha512_context sha;
    (void) mbedtls_sha512_starts(&sha, is384);
    (void) mbedtls_sha512_update(&sha, input, length);
    return mbedtls_sha512_finish(&sha, output);
}

#endif
