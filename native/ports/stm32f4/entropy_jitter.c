/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STM32F401 and its like: the jitter of the low-speed RC oscillator (LSI, about 32 kHz; RM0368
 * section 6.2.5) against the core's cycle counter. TIM5 can capture LSI's edges (section 13.4.21,
 * TI4_RMP), and DWT_CYCCNT (ARMv7-M Architecture Reference Manual, section C1.8) counts the cycles between them: about
 * 2,600 at 84 MHz.
 *
 * Width 4, credit 1/4 bit: the lowest four bits of the count. A wander of one thousandth from period to
 * period is 2.6 cycles; the loop that waits for the edge takes about ten, which hides a part of it. So
 * little is claimed.
 */
#include "sources.h"

#define RCC_APB1ENR (*(volatile uint32_t *) 0x40023840u) /* section 6.3.11 */
#define RCC_APB1ENR_TIM5EN (1u << 3)
#define RCC_CSR (*(volatile uint32_t *) 0x40023874u) /* section 6.3.21 */
#define RCC_CSR_LSION (1u << 0)
#define RCC_CSR_LSIRDY (1u << 1)
#define TIM5 ((volatile uint32_t *) 0x40000C00u) /* section 13.4 */
#define TIM5_CR1 (TIM5[0x00 / 4])
#define TIM_CR1_CEN (1u << 0)
#define TIM5_SR (TIM5[0x10 / 4])
#define TIM_SR_CC4IF (1u << 4)
#define TIM5_CCMR2 (TIM5[0x1C / 4])
#define TIM_CCMR2_CC4S_TI4 (1u << 8)
#define TIM5_CCER (TIM5[0x20 / 4])
#define TIM_CCER_CC4E (1u << 12)
#define TIM5_OR (TIM5[0x50 / 4])
#define TIM5_OR_TI4_LSI (1u << 6)
#define DEMCR (*(volatile uint32_t *) 0xE000EDFCu) /* ARMv7-M, section C1.6.5 */
#define DEMCR_TRCENA (1u << 24)
#define DWT_CTRL (*(volatile uint32_t *) 0xE0001000u) /* section C1.8.7 */
#define DWT_CTRL_CYCCNTENA (1u << 0)
#define DWT_CYCCNT (*(const volatile uint32_t *) 0xE0001004u)

#define PATIENCE 100000u /* turns until an edge that does not come counts as a dead oscillator */

typedef struct {
    uint32_t apb1enr, csr, cr1, ccmr2, ccer, remap, demcr, dwt;
} timer_state;

/* What the firmware had set is kept and put back. */
static timer_state start(void)
{
    timer_state before = {.apb1enr = RCC_APB1ENR, .csr = RCC_CSR, .demcr = DEMCR};
    RCC_APB1ENR = before.apb1enr | RCC_APB1ENR_TIM5EN;
    RCC_CSR = before.csr | RCC_CSR_LSION;
    DEMCR = before.demcr | DEMCR_TRCENA;
    before.dwt = DWT_CTRL;
    before.cr1 = TIM5_CR1;
    before.ccmr2 = TIM5_CCMR2;
    before.ccer = TIM5_CCER;
    before.remap = TIM5_OR;
    DWT_CTRL = before.dwt | DWT_CTRL_CYCCNTENA;
    TIM5_CCER = 0; /* the channel can be set only while it is off, section 13.4.8 */
    TIM5_OR = TIM5_OR_TI4_LSI;
    TIM5_CCMR2 = TIM_CCMR2_CC4S_TI4;
    TIM5_CCER = TIM_CCER_CC4E;
    TIM5_CR1 = before.cr1 | TIM_CR1_CEN;
    return before;
}

static void stop(const timer_state *before)
{
    TIM5_CR1 = before->cr1;
    TIM5_CCER = 0;
    TIM5_CCMR2 = before->ccmr2;
    TIM5_OR = before->remap;
    TIM5_CCER = before->ccer;
    DWT_CTRL = before->dwt;
    DEMCR = before->demcr;
    RCC_CSR = before->csr;
    RCC_APB1ENR = before->apb1enr;
}

/* Waits for bits of a register; false when they do not come. */
static int await(const volatile uint32_t *of, uint32_t bits)
{
    for (uint32_t turn = 0; (*of & bits) == 0; turn++) {
        if (turn == PATIENCE) {
            return 0;
        }
    }
    return 1;
}

/* The cycle in which the next edge was seen. */
static int next_edge(uint32_t *cycle)
{
    TIM5_SR = ~TIM_SR_CC4IF;
    int seen = await(&TIM5_SR, TIM_SR_CC4IF);
    *cycle = DWT_CYCCNT;
    return seen;
}

static int32_t poll_jitter(uint8_t *samples, uint32_t count)
{
    timer_state before = start();
    uint32_t last = 0;
    int good = await(&RCC_CSR, RCC_CSR_LSIRDY) && next_edge(&last);
    for (uint32_t i = 0; i < count && good; i++) {
        uint32_t cycle;
        good = next_edge(&cycle);
        samples[i] = (uint8_t) ((cycle - last) & 15u);
        last = cycle;
    }
    stop(&before);
    return good ? (int32_t) count : -1;
}

const etls_source etls_jitter_source = ETLS_SOURCE_WIDE("jitter", 4, 4, 0, poll_jitter);
