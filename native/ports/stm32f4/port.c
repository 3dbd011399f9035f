/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STMicroelectronics STM32F401 and its like. Registers: reference manual RM0368, section 11.12 (ADC).
 *
 * There is no random number generator. Entropy is the noise in the lowest bit of ADC1's readings of
 * the internal reference voltage (channel 17): 2,048 readings are hashed to 256 bits.
 */
#include "etls_port.h"

#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include <string.h>

#define RCC_APB2ENR (*(volatile uint32_t *) 0x40023844u)
#define RCC_APB2ENR_ADC1EN (1u << 8)
#define ADC1_SR (*(volatile uint32_t *) 0x40012000u)
#define ADC_SR_EOC (1u << 1)
#define ADC1_CR2 (*(volatile uint32_t *) 0x40012008u)
#define ADC_CR2_ADON (1u << 0)
#define ADC_CR2_SWSTART (1u << 30)
#define ADC1_SQR1 (*(volatile uint32_t *) 0x4001202Cu)
#define ADC1_SQR3 (*(volatile uint32_t *) 0x40012034u)
#define ADC1_DR (*(const volatile uint32_t *) 0x4001204Cu)
#define ADC_CCR (*(volatile uint32_t *) 0x40012304u)
#define ADC_CCR_TSVREFE (1u << 23)
#define VREFINT_CHANNEL 17u

#define PATIENCE 100000u /* polls until a conversion that does not end counts as a dead converter */
#define HASH_SIZE 32u
#define READINGS 2048u /* for one hash, 8 of a bit in each byte */

typedef struct {
    uint32_t apb2enr, cr2, sqr1, sqr3, ccr;
} adc_state;

/* What the firmware had set is kept and put back. */
static adc_state start_adc(void)
{
    adc_state before = {.apb2enr = RCC_APB2ENR};
    RCC_APB2ENR = before.apb2enr | RCC_APB2ENR_ADC1EN;
    before.cr2 = ADC1_CR2;
    before.sqr1 = ADC1_SQR1;
    before.sqr3 = ADC1_SQR3;
    before.ccr = ADC_CCR;
    ADC_CCR = before.ccr | ADC_CCR_TSVREFE;
    ADC1_SQR1 = 0; /* one conversion */
    ADC1_SQR3 = VREFINT_CHANNEL;
    ADC1_CR2 = ADC_CR2_ADON;
    return before;
}

static void stop_adc(const adc_state *before)
{
    ADC1_CR2 = before->cr2;
    ADC1_SQR1 = before->sqr1;
    ADC1_SQR3 = before->sqr3;
    ADC_CCR = before->ccr;
    RCC_APB2ENR = before->apb2enr;
}

/* The lowest bits of eight readings; negative when the converter does not answer. */
static int32_t read_byte(void)
{
    uint32_t byte = 0;
    for (uint32_t bit = 0; bit < 8; bit++) {
        ADC1_CR2 = ADC_CR2_ADON | ADC_CR2_SWSTART;
        uint32_t turn = 0;
        while ((ADC1_SR & ADC_SR_EOC) == 0) {
            if (++turn == PATIENCE) {
                return -1;
            }
        }
        byte = byte << 1 | (ADC1_DR & 1u);
    }
    return (int32_t) byte;
}

static int32_t fill(uint8_t *raw, uint32_t length)
{
    for (uint32_t at = 0; at < length; at++) {
        int32_t byte = read_byte();
        if (byte < 0) {
            return -1;
        }
        raw[at] = (uint8_t) byte;
    }
    return 0;
}

int32_t etls_port_entropy(uint8_t *out, uint32_t length)
{
    uint8_t raw[READINGS / 8];
    uint8_t hash[HASH_SIZE];
    int32_t error = 0;
    adc_state before = start_adc();
    while (error == 0 && length > 0) {
        uint32_t piece = length < HASH_SIZE ? length : HASH_SIZE;
        error = fill(raw, sizeof(raw));
        if (error == 0) {
            error = mbedtls_sha256(raw, sizeof(raw), hash, 0);
            memcpy(out, hash, piece);
        }
        out += piece;
        length -= piece;
    }
    stop_adc(&before);
    mbedtls_platform_zeroize(raw, sizeof(raw));
    mbedtls_platform_zeroize(hash, sizeof(hash));
    return error;
}

int64_t etls_port_time(void)
{
    return 0; /* etls_clock_set() */
}

int64_t etls_port_uptime(void)
{
    return 0; /* no timer is ours: the host says the time before each handshake */
}
