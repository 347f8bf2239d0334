/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies SQLite's journal back into the database beside the thread that writes, which
 * would otherwise stop for as long as the disk takes for pages all over the file.
 */
#ifndef CENTRE_CHECKPOINT_H
#define CENTRE_CHECKPOINT_H

struct checkpoint;

struct checkpoint *checkpoint_start(const char *file);
void checkpoint_ask(struct checkpoint *checkpoint);
void checkpoint_stop(struct checkpoint *checkpoint);

#endif /* CENTRE_CHECKPOINT_H */
