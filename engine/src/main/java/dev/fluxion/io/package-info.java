/**
 * Tensors in files. A file is believed only as far as it can be checked: sizes before memory is taken for them, and every
 * byte accounted for. It depends on the JDK and on the tensors of {@link dev.fluxion}.
 */
@NullMarked
package dev.fluxion.io;

import org.jspecify.annotations.NullMarked;
