// SPDX-License-Identifier: GPL-2.0-or-later
#include "softmod/tests/power/life.h"
#include "softmod/tests/power/world.h"

uint32_t life_draw(uint32_t below)
{
	static uint32_t seed = 12345;

	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void use(int i)
{
	world_open(i);
	if (world.lost)
		return;
	world_verify(i);
	if (world.lost)
		return;
	switch (life_draw(8)) {
	case 0:
	case 1:
		world_unpair(i);
		break;
	case 2:
	case 3:
		world_rewrap(i);
		break;
	}
}

static void order(int i)
{
	const struct model *now = &world.oracle.before;
	uint8_t slot = model_find(now, world.host[i].sn);

	if (!now->meta.ptc || !life_draw(4))
		world_manage(PDT1_OP_UNBLOCK_PIN, "\5", 1);
	else if (slot != PDT1_SLOT_NONE && life_draw(2))
		world_manage(PDT1_OP_FREE_SLOT, &slot, 1);
	else
		world_manage(PDT1_OP_SET_SLOTS, life_draw(2) ? "\3" : "\4", 1);
}

void life_step(void)
{
	int i = (int)life_draw(WORLD_HOSTS);

	switch (life_draw(8)) {
	case 0:
	case 1:
	case 2:
	case 3:
		if (world_begin(i))
			world_confirm(i, life_draw(4));
		break;
	case 4:
		order(i);
		break;
	default:
		if (model_find(&world.oracle.before, world.host[i].sn) !=
		    PDT1_SLOT_NONE)
			use(i);
	}
}
