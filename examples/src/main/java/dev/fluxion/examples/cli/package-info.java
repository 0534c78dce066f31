/** The command {@code fluxion}: trains, tests and shows models from the command line. */
@NullMarked
package dev.fluxion.examples.cli;

import org.jspecify.annotations.NullMarked;
