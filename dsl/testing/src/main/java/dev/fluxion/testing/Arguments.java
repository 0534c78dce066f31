package dev.fluxion.testing;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.providers.ArbitraryProvider;
import net.jqwik.api.providers.TypeUsage;

/**
 * Gives properties their {@code @ForAll} arguments of type {@link Shape}, {@link Tensor}, {@link LossCase} and
 * {@link Network}. jqwik finds it by itself.
 */
public final class Arguments implements ArbitraryProvider {
    private static final Map<Class<?>, Function<TypeUsage, Arbitrary<?>>> ARBITRARIES = Map.of(
            Shape.class, type -> Shapes.any(),
            Tensor.class, type -> Tensors.any(),
            Network.class, type -> Networks.any(),
            LossCase.class, Arguments::cases);

    /** For jqwik. */
    public Arguments() {}

    @Override
    public boolean canProvideFor(TypeUsage type) {
        return ARBITRARIES.keySet().stream().anyMatch(type::isOfType);
    }

    @Override
    public Set<Arbitrary<?>> provideFor(TypeUsage type, SubtypeProvider subtypes) {
        Function<TypeUsage, Arbitrary<?>> maker = ARBITRARIES.get(type.getRawType());
        return maker == null ? Set.of() : Set.of(maker.apply(type));
    }

    private static Arbitrary<?> cases(TypeUsage type) {
        return type.findAnnotation(Targets.class)
                .map(Targets::value)
                .orElse(Targets.Kind.NUMBERS)
                .cases();
    }
}
