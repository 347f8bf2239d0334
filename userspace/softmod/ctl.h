/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SOFTMOD_CTL_H
#define SOFTMOD_CTL_H

/**
 * ctl_request() - send one request to a running module and print its answer
 * @path: control socket
 * @word: the verb and its arguments
 * @words: how many; 1 or more
 *
 * Return: exit status: 0 done, 1 refused or not reached.
 */
int ctl_request(const char *path, char *const *word, int words);

#endif /* SOFTMOD_CTL_H */
