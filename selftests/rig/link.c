// SPDX-License-Identifier: GPL-2.0
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const uint8_t rig_link_atr[4] = { 0x3b, 0x80, 0x01, 0x81 };

int rig_link_attach(void)
{
	struct {
		struct smpair_virt_event ev;
		struct smpair_virt_attach a;
	} attach = {
		.ev = { .type = SMPAIR_VIRT_ATTACH, .len = sizeof(attach.a) },
		.a = { .version = SMPAIR_VIRT_VERSION, .atr_len = sizeof(rig_link_atr) },
	};
	int fd, err;

	memcpy(attach.a.atr, rig_link_atr, sizeof(rig_link_atr));
	fd = open("/dev/smpair_virt", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, &attach, sizeof(attach)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}
