/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STM32F401 and its like: the noise in the lowest bits of ADC1 (RM0368 section 11), which reads the
 * chip's own temperature sensor (channel 18) and voltage reference (channel 17). No pin is
 * needed, and none can be reached from outside.
 *
 * Width 2, credit 1/4 bit: the two lowest bits of both readings' sum. How much of a converter's error is
 * noise depends on the board's supply and is not in the data sheet; a quarter of a bit for two conversions is
 * little, on purpose.
 */
#include "sources.h"

#define RCC_APB2ENR (*(volatile uint32_t *) 0x40023844u) /* section 6.3.12 */
#define RCC_APB2ENR_ADC1EN (1u << 8)
#define ADC1_SR (*(volatile uint32_t *) 0x40012000u) /* section 11.12 */
#define ADC_SR_EOC (1u << 1)
#define ADC1_CR1 (*(volatile uint32_t *) 0x40012004u)
#define ADC1_CR2 (*(volatile uint32_t *) 0x40012008u)
#define ADC_CR2_ADON (1u << 0)
#define ADC_CR2_SWSTART (1u << 30)
#define ADC1_SMPR1 (*(volatile uint32_t *) 0x4001200Cu)
#define ADC_SMPR1_84_CYCLES (4u << 21 | 4u << 24) /* of both channels, section 11.5 */
#define ADC1_SQR1 (*(volatile uint32_t *) 0x4001202Cu)
#define ADC1_SQR3 (*(volatile uint32_t *) 0x40012034u)
#define ADC1_DR (*(const volatile uint32_t *) 0x4001204Cu)
#define ADC_CCR (*(volatile uint32_t *) 0x40012304u)
#define ADC_CCR_TSVREFE (1u << 23) /* section 11.9: connects both */

#define VREFINT 17u
#define TEMPERATURE 18u
#define PATIENCE 100000u /* turns until a conversion that does not end counts as a dead converter */
#define WAKE 400u        /* turns: the sensor needs 10 us, the converter 3 */

typedef struct {
    uint32_t apb2enr, cr1, cr2, smpr1, sqr1, sqr3, ccr;
} adc_state;

/* What the firmware had set is kept and put back. */
static adc_state start(void)
{
    adc_state before = {.apb2enr = RCC_APB2ENR};
    RCC_APB2ENR = before.apb2enr | RCC_APB2ENR_ADC1EN;
    before.cr1 = ADC1_CR1;
    before.cr2 = ADC1_CR2;
    before.smpr1 = ADC1_SMPR1;
    before.sqr1 = ADC1_SQR1;
    before.sqr3 = ADC1_SQR3;
    before.ccr = ADC_CCR;
    ADC_CCR = before.ccr | ADC_CCR_TSVREFE;
    ADC1_CR1 = 0; /* 12 bits, no scan, no interrupts */
    ADC1_SMPR1 = ADC_SMPR1_84_CYCLES;
    ADC1_SQR1 = 0; /* one conversion */
    ADC1_CR2 = ADC_CR2_ADON;
    for (volatile uint32_t turn = 0; turn < WAKE; turn++) {
    }
    return before;
}

static void stop(const adc_state *before)
{
    ADC1_CR2 = before->cr2;
    ADC1_CR1 = before->cr1;
    ADC1_SMPR1 = before->smpr1;
    ADC1_SQR1 = before->sqr1;
    ADC1_SQR3 = before->sqr3;
    ADC_CCR = before->ccr;
    RCC_APB2ENR = before->apb2enr;
}

/* A reading; negative when the converter does not answer. */
static int32_t convert(uint32_t channel)
{
    ADC1_SQR3 = channel;
    ADC1_CR2 = ADC_CR2_ADON | ADC_CR2_SWSTART;
    for (uint32_t turn = 0; (ADC1_SR & ADC_SR_EOC) == 0; turn++) {
        if (turn == PATIENCE) {
            return -1;
        }
    }
    return (int32_t) (ADC1_DR & 0xFFFu);
}

static int32_t poll_adc(uint8_t *samples, uint32_t count)
{
    adc_state before = start();
    uint32_t taken = 0;
    for (; taken < count; taken++) {
        int32_t temperature = convert(TEMPERATURE);
        int32_t reference = convert(VREFINT);
        if (temperature < 0 || reference < 0) {
            break;
        }
        samples[taken] = (uint8_t) ((temperature + reference) & 3);
    }
    stop(&before);
    return taken == count ? (int32_t) taken : -1;
}

const etls_source etls_adc_source = ETLS_SOURCE_WIDE("adc", 2, 4, 0, poll_adc);
