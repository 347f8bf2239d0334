/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every model uses. names.h is made by run: it declares the properties, and
 * defines those true that a search is to ignore.
 */
#include "names.h"

/* Spin reports a violation with its text, so the name of the property is in it. */
#define MUST(property, expression) assert((expression) || property)

/* A state that must be reachable, or what precedes it was never tried. */
#ifdef WITNESS
#define REACHED(what) assert(what != WITNESS)
#else
#define REACHED(what) skip
#endif

/* The one change for the worse that this search is made with; 0 is none. */
#ifndef MUTANT
#define MUTANT 0
#endif
#define IS(mutant) (MUTANT == mutant)
