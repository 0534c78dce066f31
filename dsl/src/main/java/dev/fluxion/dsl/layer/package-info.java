/**
 * Layers: immutable descriptions that make expressions, made by {@link dev.fluxion.dsl.layer.Layers} and put together by
 * {@link dev.fluxion.dsl.layer.Seq}. Depends on the language, {@code dev.fluxion.ir}, and on {@code dsl.internal}.
 */
@NullMarked
package dev.fluxion.dsl.layer;

import org.jspecify.annotations.NullMarked;
