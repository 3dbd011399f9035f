/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include "sanitize.h"

#include <stdbool.h>
#include <string.h>

/*
 * A block is a 4-byte header and its payload; headers stand at addresses 4 modulo 8, so that
 * payloads are 8-aligned. The header holds:
 *
 *   bits 31..8  length of the block in units of 8 bytes, header included
 *   bit 7       in use
 *   bits 6..0   owner
 *
 * A free block holds the offset of the next free one behind its header. Offset 0 means none: the
 * first header stands at offset 4.
 */
#define USED 0x80u
#define OWNER_MASK 0x7Fu
#define LENGTH_SHIFT 8u
#define UNIT 8u
#define HEADER 4u
/* The largest arena is what the header's length can say. */
typedef char etls_assert_largest[ETLS_MAX_ARENA == ((1u << 24) - 1) * UNIT ? 1 : -1];

ETLS_UNCHECKED static uint32_t load(const etls_arena *arena, uint32_t offset)
{
    uint32_t value;
    memcpy(&value, __builtin_assume_aligned(arena->base + offset, HEADER), sizeof(value));
    return value;
}

ETLS_UNCHECKED static void store(etls_arena *arena, uint32_t offset, uint32_t value)
{
    memcpy(__builtin_assume_aligned(arena->base + offset, HEADER), &value, sizeof(value));
}

static uint32_t block_length(const etls_arena *arena, uint32_t block)
{
    return (load(arena, block) >> LENGTH_SHIFT) * UNIT;
}

static uint32_t next_free(const etls_arena *arena, uint32_t block)
{
    return load(arena, block + HEADER);
}

/* Makes `after` the free block that follows `before`, or the first one. */
static void link(etls_arena *arena, uint32_t before, uint32_t after)
{
    if (before != 0) {
        store(arena, before + HEADER, after);
    } else {
        arena->first = after;
    }
}

static void mark_free(etls_arena *arena, uint32_t block, uint32_t length, uint32_t after)
{
    store(arena, block, (length / UNIT) << LENGTH_SHIFT);
    store(arena, block + HEADER, after);
}

void etls_arena_init(etls_arena *arena, uint8_t *memory, uint32_t size)
{
    memset(arena, 0, sizeof(*arena));
    if (size > ETLS_MAX_ARENA) {
        size = ETLS_MAX_ARENA;
    }
    arena->base = memory;
    arena->size = size;
    arena->first = HEADER;
    ETLS_POISON(memory, size);
    mark_free(arena, HEADER, size - UNIT, 0);
}

void etls_arena_close(etls_arena *arena)
{
    ETLS_UNPOISON(arena->base, arena->size);
    arena->size = 0;
    arena->first = 0;
}

static void count_alloc(etls_usage *usage, uint32_t length)
{
    usage->allocations++;
    usage->in_use += length;
    if (usage->in_use > usage->peak) {
        usage->peak = usage->in_use;
    }
}

void etls_arena_mark(etls_arena *arena)
{
    arena->mark = arena->total.in_use;
}

/* Two runs with the same trace did the same; any odd factor does, nobody attacks it. */
static void note(etls_arena *arena, uint32_t block, uint32_t length)
{
    arena->trace = (arena->trace * 31u + block) * 31u + length;
}

static void *refuse(etls_arena *arena, size_t length)
{
    arena->refused++;
    arena->last_refused = (uint32_t) length;
    arena->last_free = etls_arena_free_bytes(arena);
    arena->last_largest = etls_arena_largest(arena);
    if (length > arena->largest_refused) {
        arena->largest_refused = (uint32_t) length;
    }
    return NULL;
}

/* Takes `need` bytes from the start of a free block; what remains stays free. */
static void take(etls_arena *arena, uint32_t before, uint32_t block, uint32_t need)
{
    uint32_t have = block_length(arena, block);
    uint32_t after = next_free(arena, block);
    if (have > need) {
        mark_free(arena, block + need, have - need, after);
        after = block + need;
    }
    link(arena, before, after);
    store(arena, block, (need / UNIT) << LENGTH_SHIFT | USED | arena->owner);
}

void *etls_arena_alloc(etls_arena *arena, size_t length)
{
    bool fault = arena->fault != 0 && --arena->fault == 0;
    if (fault || length > arena->size) {
        return refuse(arena, length);
    }
    uint32_t need = ((uint32_t) length + HEADER + UNIT - 1) & ~(UNIT - 1);
    uint32_t before = 0;
    uint32_t block = arena->first;
    while (block != 0 && block_length(arena, block) < need) {
        before = block;
        block = next_free(arena, block);
    }
    if (block == 0) {
        return refuse(arena, length);
    }
    take(arena, before, block, need);
    note(arena, block, (uint32_t) length);
    arena->blocks++;
    count_alloc(&arena->total, need);
    if (arena->total.in_use > arena->mark) {
        arena->mark = arena->total.in_use;
    }
    count_alloc(&arena->owners[arena->owner], need);
    ETLS_UNPOISON(arena->base + block + HEADER, length);
    memset(arena->base + block + HEADER, 0, length);
    return arena->base + block + HEADER;
}

void etls_arena_free(etls_arena *arena, void *memory)
{
    if (memory == NULL) {
        return;
    }
    uint32_t block = (uint32_t) ((uint8_t *) memory - arena->base) - HEADER;
    uint32_t length = block_length(arena, block);
    ETLS_POISON(memory, length - HEADER);
    note(arena, block, 0);
    arena->blocks--;
    arena->total.in_use -= length;
    arena->owners[load(arena, block) & OWNER_MASK].in_use -= length;

    uint32_t before = 0;
    uint32_t after = arena->first;
    while (after != 0 && after < block) {
        before = after;
        after = next_free(arena, after);
    }
    if (after == block + length) {
        length += block_length(arena, after);
        after = next_free(arena, after);
    }
    if (before != 0 && before + block_length(arena, before) == block) {
        mark_free(arena, before, block - before + length, after);
    } else {
        mark_free(arena, block, length, after);
        link(arena, before, block);
    }
}

bool etls_arena_fits(etls_arena *arena, const size_t *lengths, uint32_t count)
{
    etls_usage total = arena->total;
    etls_usage owner = arena->owners[arena->owner];
    void *blocks[4];
    uint32_t done = 0;
    while (done < count && (blocks[done] = etls_arena_alloc(arena, lengths[done])) != NULL) {
        done++;
    }
    bool fits = done == count;
    while (done > 0) {
        etls_arena_free(arena, blocks[--done]);
    }
    arena->total = total; /* a trial is not use */
    arena->owners[arena->owner] = owner;
    return fits;
}

uint32_t etls_arena_free_bytes(const etls_arena *arena)
{
    uint32_t sum = 0;
    for (uint32_t block = arena->first; block != 0; block = next_free(arena, block)) {
        sum += block_length(arena, block);
    }
    return sum;
}

uint32_t etls_arena_largest(const etls_arena *arena)
{
    uint32_t largest = HEADER;
    for (uint32_t block = arena->first; block != 0; block = next_free(arena, block)) {
        uint32_t length = block_length(arena, block);
        if (length > largest) {
            largest = length;
        }
    }
    return largest - HEADER;
}

void etls_arena_new_owner(etls_arena *arena, uint32_t owner)
{
    memset(&arena->owners[owner], 0, sizeof(arena->owners[owner]));
}

void etls_arena_hand_over(etls_arena *arena, uint32_t from, uint32_t to)
{
    etls_usage *usage = &arena->owners[to];
    for (uint32_t block = HEADER; block + UNIT <= arena->size;
         block += block_length(arena, block)) {
        uint32_t header = load(arena, block);
        if ((header & (USED | OWNER_MASK)) == (USED | from)) {
            store(arena, block, (header & ~OWNER_MASK) | to);
        }
    }
    usage->in_use += arena->owners[from].in_use;
    arena->owners[from].in_use = 0;
    if (usage->in_use > usage->peak) {
        usage->peak = usage->in_use;
    }
}

static void reset(etls_usage *usage)
{
    usage->peak = usage->in_use;
    usage->allocations = 0;
}

void etls_arena_reset(etls_arena *arena)
{
    arena->refused = 0;
    arena->largest_refused = 0;
    arena->last_refused = 0;
    arena->last_free = 0;
    arena->last_largest = 0;
    arena->trace = 0;
    reset(&arena->total);
    for (uint32_t owner = 0; owner <= ETLS_MAX_HANDLES; owner++) {
        reset(&arena->owners[owner]);
    }
}
