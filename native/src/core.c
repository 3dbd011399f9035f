/* SPDX-License-Identifier: Apache-2.0 */
/* The core itself: arena, handles, statistics. */
#include "core.h"
#include "etls_port.h"

#include <mbedtls/platform_util.h>
#include <string.h>

#define MAGIC 0x736C7465u /* "etls" */

/* A handle: generation above, slot below; bit 31 stays clear. */
#define SLOT_BITS 7u
#define SLOT_MASK ((1u << SLOT_BITS) - 1u)
#define GENERATIONS (1u << (31u - SLOT_BITS))

/* 7 bits hold a slot, and an owner in the arena. */
ETLS_ASSERT(generations, GENERATIONS == 1u << 24);
ETLS_ASSERT(handles, ETLS_MAX_HANDLES >= 2 && ETLS_MAX_HANDLES <= 100);

etls_core *etls_current;

/* Bytes of the arena before the heap: the port's static data, then the core. */
static uint32_t overhead(void)
{
    return etls_port_statics() + ((uint32_t) (sizeof(etls_core) + 7u) & ~7u);
}

uint32_t etls_least_arena(void)
{
    return overhead() + ETLS_ARENA_LEAST;
}

/* The first byte of the arena. */
static uint8_t *start_of(etls_core *core)
{
    return (uint8_t *) core - etls_port_statics();
}

int32_t etls_abi(etls_core *core)
{
    (void) core;
    return ETLS_ABI_VERSION;
}

int32_t etls_open(etls_core *arena, uint32_t size)
{
    size &= ~7u;
    if (arena == NULL || ((uintptr_t) arena & 7u) != 0 || size < etls_least_arena()) {
        return ETLS_ERR_BAD_ARENA;
    }
    if (etls_current != NULL) {
        return ETLS_ERR_BAD_STATE;
    }
    memset(arena, 0, sizeof(*arena));
    arena->magic = MAGIC;
    arena->size = size;
    etls_arena_init(&arena->arena, start_of(arena) + overhead(), size - overhead());
    etls_current = arena;
    return ETLS_OK;
}

bool etls_is_open(const etls_core *core)
{
    return core != NULL && core == etls_current && core->magic == MAGIC;
}

int32_t etls_enter(etls_core *core)
{
    if (!etls_is_open(core)) {
        return ETLS_ERR_BAD_CORE;
    }
    core->arena.owner = 0;
    core->active = NULL;
    etls_arena_mark(&core->arena);
    return ETLS_OK;
}

static void free_all(etls_core *core, etls_kind kind)
{
    for (uint32_t slot = 0; slot < ETLS_MAX_HANDLES; slot++) {
        if (core->slots[slot].kind != kind) {
            continue;
        }
        int32_t handle = (int32_t) ((uint32_t) core->slots[slot].generation << SLOT_BITS | slot);
        if (kind == ETLS_KIND_SESSION) {
            (void) etls_session_free(core, handle);
        } else {
            (void) etls_context_free(core, handle);
        }
    }
}

int32_t etls_close(etls_core *core)
{
    int32_t error = etls_enter(core);
    if (error != ETLS_OK) {
        return error;
    }
    free_all(core, ETLS_KIND_SESSION);
    free_all(core, ETLS_KIND_CONTEXT);
    etls_entropy_stop(core);
    etls_current = NULL;
    etls_arena_close(&core->arena);
    mbedtls_platform_zeroize(start_of(core), core->size);
    return ETLS_OK;
}

void etls_count_signature(void)
{
    etls_current->signatures += etls_current->signatures != UINT16_MAX;
}

void etls_phase_end(etls_core *core, etls_phase phase)
{
    if (core->arena.mark > core->phase_peaks[phase]) {
        core->phase_peaks[phase] = core->arena.mark;
    }
}

void etls_account(etls_core *core, uint32_t slot)
{
    core->arena.owner = slot + 1;
}

void *etls_alloc(etls_core *core, size_t length)
{
    return etls_arena_alloc(&core->arena, length);
}

void etls_free(etls_core *core, void *memory)
{
    etls_arena_free(&core->arena, memory);
}

void etls_wipe_free(etls_core *core, void *memory, size_t length)
{
    if (memory != NULL) {
        mbedtls_platform_zeroize(memory, length);
        etls_arena_free(&core->arena, memory);
    }
}

/* ---- handles ---- */

int32_t etls_slot_find(etls_core *core, uint32_t *slot)
{
    for (uint32_t i = 0; i < ETLS_MAX_HANDLES; i++) {
        if (core->slots[i].kind == ETLS_KIND_NONE) {
            *slot = i;
            etls_arena_new_owner(&core->arena, i + 1);
            return ETLS_OK;
        }
    }
    return ETLS_ERR_TOO_MANY_HANDLES;
}

int32_t etls_slot_use(etls_core *core, uint32_t slot, void *object, etls_kind kind)
{
    etls_slot *entry = &core->slots[slot];
    entry->generation = (entry->generation + 1u) & (GENERATIONS - 1u);
    if (entry->generation == 0) {
        entry->generation = 1;
    }
    entry->object = object;
    entry->kind = (uint8_t) kind;
    return (int32_t) ((uint32_t) entry->generation << SLOT_BITS | slot);
}

void etls_slot_release(etls_core *core, uint32_t slot)
{
    core->slots[slot].kind = ETLS_KIND_RELEASED;
}

void etls_slot_free(etls_core *core, uint32_t slot)
{
    core->slots[slot].object = NULL;
    core->slots[slot].kind = ETLS_KIND_NONE;
}

static int32_t find(etls_core *core, int32_t handle, etls_kind kind, void **object)
{
    int32_t error = etls_enter(core);
    if (error != ETLS_OK) {
        return error;
    }
    uint32_t slot = (uint32_t) handle & SLOT_MASK;
    uint32_t generation = (uint32_t) handle >> SLOT_BITS;
    if (handle <= 0 || slot >= ETLS_MAX_HANDLES || generation == 0) {
        return ETLS_ERR_BAD_HANDLE;
    }
    const etls_slot *entry = &core->slots[slot];
    bool alive = entry->kind == ETLS_KIND_CONTEXT || entry->kind == ETLS_KIND_SESSION;
    if (entry->generation != generation || !alive) {
        return generation <= entry->generation ? ETLS_ERR_STALE_HANDLE : ETLS_ERR_BAD_HANDLE;
    }
    if (kind != ETLS_KIND_NONE && entry->kind != kind) {
        return ETLS_ERR_BAD_HANDLE;
    }
    *object = entry->object;
    etls_account(core, slot);
    return ETLS_OK;
}

int32_t etls_find_context(etls_core *core, int32_t handle, etls_context **context)
{
    void *object = NULL;
    int32_t error = find(core, handle, ETLS_KIND_CONTEXT, &object);
    *context = object;
    return error;
}

int32_t etls_find_session(etls_core *core, int32_t handle, etls_session **session)
{
    void *object = NULL;
    int32_t error = find(core, handle, ETLS_KIND_SESSION, &object);
    *session = object;
    if (error == ETLS_OK) {
        etls_records_activate(*session);
        core->active = *session;
        core->entropy.error = ETLS_OK;
    }
    return error;
}

/* ---- statistics ---- */

static uint32_t count_handles(const etls_core *core)
{
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < ETLS_MAX_HANDLES; slot++) {
        uint32_t kind = core->slots[slot].kind;
        count += kind == ETLS_KIND_CONTEXT || kind == ETLS_KIND_SESSION;
    }
    return count;
}

static int32_t usage(const etls_usage *usage, uint32_t stat)
{
    switch (stat) {
    case ETLS_STAT_IN_USE:
        return (int32_t) usage->in_use;
    case ETLS_STAT_PEAK:
        return (int32_t) usage->peak;
    case ETLS_STAT_ALLOCATIONS:
        return (int32_t) usage->allocations;
    default:
        return ETLS_ERR_BAD_ARGUMENT;
    }
}

static int32_t arena_stat(const etls_core *core, uint32_t stat)
{
    const etls_arena *arena = &core->arena;
    if (stat >= ETLS_STAT_PEAK_SETUP && stat <= ETLS_STAT_PEAK_DATA) {
        return (int32_t) core->phase_peaks[stat - ETLS_STAT_PEAK_SETUP];
    }
    switch (stat) {
    case ETLS_STAT_ARENA:
        return (int32_t) core->size;
    case ETLS_STAT_OVERHEAD:
        return (int32_t) overhead();
    case ETLS_STAT_FREE:
        return (int32_t) etls_arena_free_bytes(arena);
    case ETLS_STAT_LARGEST_FREE:
        return (int32_t) etls_arena_largest(arena);
    case ETLS_STAT_REFUSED:
        return (int32_t) arena->refused;
    case ETLS_STAT_LARGEST_REFUSED:
        return (int32_t) arena->largest_refused;
    case ETLS_STAT_LAST_REFUSED:
        return (int32_t) arena->last_refused;
    case ETLS_STAT_LAST_FREE:
        return (int32_t) arena->last_free;
    case ETLS_STAT_LAST_LARGEST:
        return (int32_t) arena->last_largest;
    case ETLS_STAT_BLOCKS:
        return (int32_t) arena->blocks;
    case ETLS_STAT_TRACE:
        return (int32_t) (arena->trace >> 1); /* an error is negative */
    case ETLS_STAT_HANDLES:
        return (int32_t) count_handles(core);
    case ETLS_STAT_SIGNATURES:
        return core->signatures;
    case ETLS_STAT_MAX_HANDLES:
        return ETLS_MAX_HANDLES;
    default:
        return usage(&arena->total, stat);
    }
}

int32_t etls_stat(etls_core *core, uint32_t stat, int32_t handle)
{
    if (stat == ETLS_STAT_LEAST_ARENA) {
        return (int32_t) etls_least_arena();
    }
    int32_t error = etls_enter(core);
    if (error != ETLS_OK) {
        return error;
    }
    if (handle == 0) {
        return arena_stat(core, stat);
    }
    void *object = NULL;
    error = find(core, handle, ETLS_KIND_NONE, &object);
    return error != ETLS_OK ? error : usage(&core->arena.owners[core->arena.owner], stat);
}

int32_t etls_fault(etls_core *core, uint32_t count)
{
    int32_t error = etls_enter(core);
    if (error != ETLS_OK) {
        return error;
    }
    uint32_t before = core->arena.fault;
    core->arena.fault = count;
    return (int32_t) before;
}

int32_t etls_stat_reset(etls_core *core)
{
    int32_t error = etls_enter(core);
    if (error == ETLS_OK) {
        core->signatures = 0;
        etls_arena_reset(&core->arena);
        memset(core->phase_peaks, 0, sizeof(core->phase_peaks));
    }
    return error;
}
