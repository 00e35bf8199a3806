# What each package says about itself: copyright and changelog as Debian asks for them, lintian's overrides.
string(TIMESTAMP package_date "%a, %d %b %Y %H:%M:%S +0000" UTC)  # SOURCE_DATE_EPOCH, where set
set(package_documents "${CMAKE_CURRENT_BINARY_DIR}/documents")

# packed(TEXT FILE): compressed without a time stamp.
function(observerd_packed text file)
  file(WRITE "${file}.txt" "${text}")
  execute_process(COMMAND gzip -9nc "${file}.txt" OUTPUT_FILE "${file}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

observerd_packed("observerd (${PROJECT_VERSION}-${OBSERVERD_PACKAGE_RELEASE}) stable; urgency=medium

  * Version ${PROJECT_VERSION}; what has changed is in changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${package_date}
" "${package_documents}/changelog.Debian.gz")
file(READ "${CMAKE_SOURCE_DIR}/CHANGELOG.md" changelog_text)
observerd_packed("${changelog_text}" "${package_documents}/changelog.gz")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/CHANGELOG.md")

function(observerd_package_documents component name)
  install(FILES copyright "${package_documents}/changelog.Debian.gz" "${package_documents}/changelog.gz"
          DESTINATION "share/doc/${name}" COMPONENT "${component}" EXCLUDE_FROM_ALL)
  # What lintian finds and is meant so, each with its reason.
  set(overrides "${CMAKE_CURRENT_SOURCE_DIR}/deb/overrides")
  file(READ "${overrides}/all" text)
  string(REPLACE "PACKAGE" "${name}" text "${text}")
  if(EXISTS "${overrides}/${name}")
    file(READ "${overrides}/${name}" own)
    string(APPEND text "${own}")
  endif()
  file(WRITE "${package_documents}/overrides/${name}" "${text}")
  install(FILES "${package_documents}/overrides/${name}" DESTINATION share/lintian/overrides
          COMPONENT "${component}" EXCLUDE_FROM_ALL)
endfunction()
