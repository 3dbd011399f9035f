# SPDX-License-Identifier: Apache-2.0
#
# For boards of Espruino: one line in the list 'makefile' of boards/BOARD.py,
#
#     'include /path/to/espruino-tls/native/ports/espruino/etls.make',
#
# puts the native core into the firmware in place of the library TLS, which is taken out of the list
# 'libraries'. Needs `npm run setup` before, for the source of Mbed TLS. Variables, set in a line before it:
#
#     ETLS_ARENA    bytes of RAM set aside for the core, needed on Linux; 0 (default): it takes the heap of
#                   JavaScript
#     ETLS_PROFILE  small (default): TLS 1.2 client; full: 1.2 and 1.3, client and server
#     ETLS_FEATURES what small has beyond that: by default own certificates (3.2 KB) and saved sessions (2.9 KB)
#
# All of it becomes one object that exports the functions of firmware.h and nothing else, since Espruino's
# library CRYPTO has names of Mbed TLS 2 with another meaning.

ETLS_HERE := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
ETLS_ROOT := $(abspath $(ETLS_HERE)/../../..)
ETLS_ARENA ?= 0
ETLS_PROFILE ?= small
ETLS_FEATURES ?= -DETLS_HAS_IDENTITY=1 -DETLS_HAS_SESSIONS=1
include $(ETLS_HERE)/sources.make

ETLS_OBJ = $(OBJDIR)/etls
ETLS_PORT = $(ETLS_ROOT)/native/ports/$(if $(filter LINUX,$(FAMILY)),posix,stm32f4)
ETLS_FILES = $(addprefix $(ETLS_ROOT)/native/src/,$(ETLS_CORE)) $(wildcard $(ETLS_PORT)/*.c) \
             $(ETLS_HERE)/firmware.c $(if $(filter LINUX,$(FAMILY)),,$(ETLS_HERE)/statics.c)
ETLS_OBJS = $(patsubst $(ETLS_ROOT)/%.c,$(ETLS_OBJ)/%.o,$(ETLS_FILES)) \
            $(patsubst %.c,$(ETLS_OBJ)/mbedtls/%.o,$(ETLS_MBEDTLS))

ETLS_CFLAGS = -std=gnu99 -Oz -ffunction-sections -fdata-sections -DNDEBUG \
    -DMBEDTLS_CONFIG_FILE='"etls_mbedtls_config.h"' -DETLS_FIRMWARE_ARENA=$(ETLS_ARENA) \
    $(if $(filter small,$(ETLS_PROFILE)),-DETLS_PROFILE_SMALL $(ETLS_FEATURES)) \
    $(addprefix -I$(ETLS_ROOT)/native/,include src config image ports/espruino) \
    -I$(ETLS_SOURCE)/include -I$(ETLS_SOURCE)/library $(if $(filter LINUX,$(FAMILY)),-fno-pie)

WRAPPERSOURCES += $(ETLS_HERE)/jswrap_tlsnative.c
INCLUDE += -I$(ETLS_HERE)
PRECOMPILED_OBJS += $(ETLS_OBJ)/etls.o

# On Linux, addresses of 32 bits.
ifeq ($(FAMILY),LINUX)
LDFLAGS += -no-pie
CFLAGS += -fno-pie
endif

.DEFAULT_GOAL := all

ETLS_EXPORTS = call close memory
, := ,

$(ETLS_OBJ)/etls.o: $(ETLS_OBJS)
	$(CC) $(ARCHFLAGS) -nostdlib -r -Wl,--gc-sections $(addprefix -Wl$(,)-u$(,)etls_firmware_,$(ETLS_EXPORTS)) -o $@ $(ETLS_OBJS)
	$(OBJCOPY) $(addprefix --keep-global-symbol=etls_firmware_,$(ETLS_EXPORTS)) $@

$(ETLS_OBJ)/%.o: $(ETLS_ROOT)/%.c
	@mkdir -p $(@D)
	$(CC) $(ARCHFLAGS) $(ETLS_CFLAGS) -c $< -o $@

$(ETLS_OBJ)/mbedtls/%.o: $(ETLS_SOURCE)/library/%.c
	@mkdir -p $(@D)
	$(CC) $(ARCHFLAGS) $(ETLS_CFLAGS) $(ETLS_FLAGS_$*) -w -c $< -o $@
