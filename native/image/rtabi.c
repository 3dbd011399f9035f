/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compiler calls by itself on chips that lack the instruction: the ARM run-time ABI
 * (IHI 0043, section 4). Divisions are rare and never of secrets: shift and subtract.
 */
#include <stdint.h>
#include <string.h>

void __aeabi_memcpy(void *to, const void *from, size_t length);
void __aeabi_memcpy4(void *to, const void *from, size_t length);
void __aeabi_memcpy8(void *to, const void *from, size_t length);
void __aeabi_memmove(void *to, const void *from, size_t length);
void __aeabi_memmove4(void *to, const void *from, size_t length);
void __aeabi_memmove8(void *to, const void *from, size_t length);
void __aeabi_memset(void *memory, size_t length, int value);
void __aeabi_memset4(void *memory, size_t length, int value);
void __aeabi_memset8(void *memory, size_t length, int value);
void __aeabi_memclr(void *memory, size_t length);
void __aeabi_memclr4(void *memory, size_t length);
void __aeabi_memclr8(void *memory, size_t length);
uint32_t __aeabi_uidiv(uint32_t a, uint32_t b);
uint64_t __aeabi_uidivmod(uint32_t a, uint32_t b);
int32_t __aeabi_idiv(int32_t a, int32_t b);
uint64_t __aeabi_idivmod(int32_t a, int32_t b);
uint64_t etls_divide(uint64_t a, uint64_t b, uint64_t *rest);
void __aeabi_uldivmod(void);
int __clzsi2(uint32_t value);
uint64_t __aeabi_lmul(uint64_t a, uint64_t b);

void __aeabi_memcpy(void *to, const void *from, size_t length)
{
    (void) memcpy(to, from, length);
}

void __aeabi_memcpy4(void *to, const void *from, size_t length)
{
    (void) memcpy(to, from, length);
}

void __aeabi_memcpy8(void *to, const void *from, size_t length)
{
    (void) memcpy(to, from, length);
}

void __aeabi_memmove(void *to, const void *from, size_t length)
{
    (void) memmove(to, from, length);
}

void __aeabi_memmove4(void *to, const void *from, size_t length)
{
    (void) memmove(to, from, length);
}

void __aeabi_memmove8(void *to, const void *from, size_t length)
{
    (void) memmove(to, from, length);
}

void __aeabi_memset(void *memory, size_t length, int value)
{
    (void) memset(memory, value, length);
}

void __aeabi_memset4(void *memory, size_t length, int value)
{
    (void) memset(memory, value, length);
}

void __aeabi_memset8(void *memory, size_t length, int value)
{
    (void) memset(memory, value, length);
}

void __aeabi_memclr(void *memory, size_t length)
{
    (void) memset(memory, 0, length);
}

void __aeabi_memclr4(void *memory, size_t length)
{
    (void) memset(memory, 0, length);
}

void __aeabi_memclr8(void *memory, size_t length)
{
    (void) memset(memory, 0, length);
}

/* Quotient in r0, rest in r1: the halves of the result. A division by 0 gives 0 and `a`. */
uint64_t __aeabi_uidivmod(uint32_t a, uint32_t b)
{
    uint32_t quotient = 0;
    uint32_t bit = 1;
    if (b == 0) {
        return (uint64_t) a << 32;
    }
    while (b < a && (b & 0x80000000u) == 0) {
        b <<= 1;
        bit <<= 1;
    }
    for (; bit != 0; bit >>= 1, b >>= 1) {
        if (a >= b) {
            a -= b;
            quotient |= bit;
        }
    }
    return (uint64_t) a << 32 | quotient;
}

uint32_t __aeabi_uidiv(uint32_t a, uint32_t b)
{
    return (uint32_t) __aeabi_uidivmod(a, b);
}

static uint32_t absolute(int32_t value)
{
    return value < 0 ? 0u - (uint32_t) value : (uint32_t) value;
}

uint64_t __aeabi_idivmod(int32_t a, int32_t b)
{
    uint64_t result = __aeabi_uidivmod(absolute(a), absolute(b));
    uint32_t quotient = (uint32_t) result;
    uint32_t rest = (uint32_t) (result >> 32);
    quotient = (a ^ b) < 0 ? 0u - quotient : quotient;
    rest = a < 0 ? 0u - rest : rest;
    return (uint64_t) rest << 32 | quotient;
}

int32_t __aeabi_idiv(int32_t a, int32_t b)
{
    return (int32_t) (uint32_t) __aeabi_idivmod(a, b);
}

__attribute__((used)) uint64_t etls_divide(uint64_t a, uint64_t b, uint64_t *rest)
{
    uint64_t quotient = 0;
    uint64_t bit = b == 0 ? 0 : 1;
    while (b < a && bit != 0 && (b >> 63) == 0) {
        b <<= 1;
        bit <<= 1;
    }
    for (; bit != 0; bit >>= 1, b >>= 1) {
        if (a >= b) {
            a -= b;
            quotient |= bit;
        }
    }
    *rest = a;
    return quotient;
}

/* Quotient in r0 and r1, rest in r2 and r3: no C function returns these. */
__attribute__((naked)) void __aeabi_uldivmod(void)
{
    __asm__("push {r4, lr}\n"
            "sub sp, #16\n"
            "add r4, sp, #8\n"
            "str r4, [sp]\n"
            "bl etls_divide\n"
            "ldr r2, [sp, #8]\n"
            "ldr r3, [sp, #12]\n"
            "add sp, #16\n"
            "pop {r4, pc}\n");
}

int __clzsi2(uint32_t value)
{
    int zeros = 32;
    for (int step = 16; step != 0; step >>= 1) {
        if (value >> step != 0) {
            value >>= step;
            zeros -= step;
        }
    }
    return zeros - (int) value;
}

/* 32 by 32 bits of the low halves in four multiplications of 16 by 16, then the two cross products. */
uint64_t __aeabi_lmul(uint64_t a, uint64_t b)
{
    uint32_t a0 = (uint32_t) a & 0xFFFFu;
    uint32_t a1 = (uint32_t) a >> 16;
    uint32_t b0 = (uint32_t) b & 0xFFFFu;
    uint32_t b1 = (uint32_t) b >> 16;
    uint32_t low = a0 * b0;
    uint32_t middle = a1 * b0 + (low >> 16); /* at most 2^32 - 2^16: no carry */
    uint32_t other = a0 * b1 + (middle & 0xFFFFu);
    uint32_t high = a1 * b1 + (middle >> 16) + (other >> 16);
    high += (uint32_t) a * (uint32_t) (b >> 32) + (uint32_t) (a >> 32) * (uint32_t) b;
    return (uint64_t) high << 32 | (other << 16 | (low & 0xFFFFu));
}
