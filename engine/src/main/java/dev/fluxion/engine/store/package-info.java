/**
 * What lies in native memory longer than a run: the values of parameters, what is made of them once, what a training keeps beside
 * them. Internal.
 */
@NullMarked
package dev.fluxion.engine.store;

import org.jspecify.annotations.NullMarked;
