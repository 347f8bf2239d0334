// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "softmod/port/crypto_mbedtls.h"
#include "softmod/port/linux.h"

static int flash_read(void *ctx, uint32_t off, void *buf, uint32_t len)
{
	return nvm_file_read(ctx, off, buf, len);
}

static int flash_program(void *ctx, uint32_t off, const void *buf,
			 uint32_t len)
{
	return nvm_file_program(ctx, off, buf, len);
}

static int flash_erase(void *ctx, uint32_t off)
{
	return nvm_file_erase(ctx, off);
}

static int flash_sync(void *ctx)
{
	return nvm_file_sync(ctx);
}

void linux_port_init(struct sm_port *port, struct nvm_file *f)
{
	memset(port, 0, sizeof(*port));
	port->ctx = f;
	crypto_mbedtls_init(port);
	port->flash_read = flash_read;
	port->flash_program = flash_program;
	port->flash_erase = flash_erase;
	port->flash_sync = flash_sync;
	port->flash_size = f->size;
	port->flash_block = NVM_FILE_BLOCK;
}
