/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WebAssembly: the host names the sources. As a rule there is one, the platform's own generator
 * (the Web Crypto API: getrandom() below Node), which gives full entropy: 8 bits credited for a byte. Tests
 * simulate others, with any width and credit.
 */
#include "etls_budget.h"
#include "etls_port.h"

#include <stdbool.h>

#define NAME_SIZE 24u

/* Imports. A source's number 0: bits of a sample; 1: credit, 1/16 bit; 2: fast. 0 when there is none. */
extern int32_t etls_host_source(uint32_t index, uint32_t number);
/* Writes its name, ended by 0, into `size` bytes. */
extern void etls_host_source_name(uint32_t index, char *out, uint32_t size);
/* As etls_source.poll. */
extern int32_t etls_host_poll(uint32_t index, uint8_t *samples, uint32_t count);
/* As etls_port_identity(). */
extern uint32_t etls_host_identity(uint8_t *out, uint32_t size);

static const struct {
    uint16_t credit;
    uint16_t cutoff;
} binary[] = {
#define ROW(credit, cutoff) { (credit), (cutoff) },
    ETLS_PROPORTIONS_BINARY(ROW)
}, wide[] = {
    ETLS_PROPORTIONS_WIDE(ROW)
#undef ROW
};

static int32_t poll_0(uint8_t *samples, uint32_t count)
{
    return etls_host_poll(0, samples, count);
}

static int32_t poll_1(uint8_t *samples, uint32_t count)
{
    return etls_host_poll(1, samples, count);
}

static char names[ETLS_MAX_SOURCES][NAME_SIZE];
static etls_source sources[ETLS_MAX_SOURCES];
static uint32_t known; /* sources that were asked for so far */

/* Credits beyond the table are its last one. */
static void load(uint32_t index, etls_source *source)
{
    bool single = etls_host_source(index, 0) == 1;
    uint32_t most = single ? sizeof(binary) / sizeof(binary[0]) : sizeof(wide) / sizeof(wide[0]);
    uint32_t credit = (uint32_t) etls_host_source(index, 1);
    credit = credit < 1 ? 1 : credit > most ? most : credit;
    etls_host_source_name(index, names[index], NAME_SIZE);
    source->name = names[index];
    source->poll = index == 0 ? poll_0 : poll_1;
    source->credit = (uint16_t) credit;
    source->repetitions = (uint16_t) ETLS_REPETITIONS(credit);
    source->proportion = single ? binary[credit - 1].cutoff : wide[credit - 1].cutoff;
    source->window = single ? 1024 : 512;
    source->fast = etls_host_source(index, 2) != 0;
    source->width = (uint8_t) etls_host_source(index, 0);
}

const etls_source *etls_port_source(uint32_t index)
{
    for (; known <= index && known < ETLS_MAX_SOURCES; known++) {
        if (etls_host_source(known, 0) != 0) {
            load(known, &sources[known]);
        }
    }
    return index < ETLS_MAX_SOURCES && sources[index].width != 0 ? &sources[index] : NULL;
}

uint32_t etls_port_identity(uint8_t *out, uint32_t size)
{
    uint32_t length = etls_host_identity(out, size);
    return length < size ? length : size;
}
