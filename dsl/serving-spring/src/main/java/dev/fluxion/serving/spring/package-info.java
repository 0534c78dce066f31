/** Models as beans of a Spring Boot application, by configuration. */
@NullMarked
package dev.fluxion.serving.spring;

import org.jspecify.annotations.NullMarked;
