/** What the Open Inference Protocol asks of a server, whatever carries it: element types, checks, repositories. For the servers alone. */
@NullMarked
package dev.fluxion.serving.protocol;

import org.jspecify.annotations.NullMarked;
