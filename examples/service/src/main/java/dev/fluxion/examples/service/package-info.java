/** A program that serves models over HTTP. */
@NullMarked
package dev.fluxion.examples.service;

import org.jspecify.annotations.NullMarked;
