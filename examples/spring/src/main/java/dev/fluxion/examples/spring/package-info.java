/** A Spring Boot application that answers requests with a model. */
@NullMarked
package dev.fluxion.examples.spring;

import org.jspecify.annotations.NullMarked;
