package dev.fluxion.serving.spring;

import org.springframework.beans.factory.support.BeanDefinitionBuilder;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/** Registers a bean for each model of the configuration, by its name. */
final class ModelRegistrar implements ImportBeanDefinitionRegistrar {
    private final Environment environment;

    ModelRegistrar(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
        FluxionProperties properties = Binder.get(environment)
                .bind("fluxion", FluxionProperties.class)
                .orElseGet(() -> new FluxionProperties(null, null, null));
        properties.byName().keySet().forEach(name -> register(name, registry));
    }

    private static void register(String name, BeanDefinitionRegistry registry) {
        if (registry.containsBeanDefinition(name)) {
            throw PropertyException.of(
                    name, "", "the application has another bean of this name; call the model otherwise");
        }
        registry.registerBeanDefinition(
                name,
                BeanDefinitionBuilder.rootBeanDefinition(ServedModel.class)
                        .addConstructorArgReference(FluxionAutoConfiguration.LOADER)
                        .addConstructorArgValue(name)
                        .getBeanDefinition());
    }
}
