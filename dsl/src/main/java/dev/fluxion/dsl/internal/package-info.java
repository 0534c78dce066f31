/**
 * What the rooms of the dsl share: texts, checks and the calls of losses. Not for users: it may change at any time.
 */
@NullMarked
package dev.fluxion.dsl.internal;

import org.jspecify.annotations.NullMarked;
