package dev.fluxion.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Chooses the targets of a {@link LossCase}: {@code @ForAll @Targets(LABELS) LossCase c}. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.PARAMETER, ElementType.ANNOTATION_TYPE, ElementType.TYPE_USE})
public @interface Targets {
    /** The kind of targets. */
    Kind value();

    /** The kinds of targets. */
    enum Kind {
        /** {@link LossCases#numbers()}. */
        NUMBERS,
        /** {@link LossCases#signs()}. */
        SIGNS,
        /** {@link LossCases#bits()}. */
        BITS,
        /** {@link LossCases#labels()}. */
        LABELS,
        /** {@link LossCases#probabilities()}. */
        PROBABILITIES;

        LossCases cases() {
            return switch (this) {
                case NUMBERS -> LossCases.numbers();
                case SIGNS -> LossCases.signs();
                case BITS -> LossCases.bits();
                case LABELS -> LossCases.labels();
                case PROBABILITIES -> LossCases.probabilities();
            };
        }
    }
}
