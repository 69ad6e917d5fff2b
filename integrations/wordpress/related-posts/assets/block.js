/* The block's place in the editor; the server renders it. No build step. */
( function ( blocks, element, editor, components, ServerSideRender, i18n ) {
	'use strict';
	var el = element.createElement;
	var __ = i18n.__;

	function toggle( props, name, label ) {
		return el( components.ToggleControl, {
			label: label,
			checked: !! props.attributes[ name ],
			onChange: function ( value ) {
				props.setAttributes( { [ name ]: value } );
			},
		} );
	}

	function edit( props ) {
		var attributes = props.attributes;
		var controls = el(
			editor.InspectorControls,
			null,
			el(
				components.PanelBody,
				{ title: __( 'Related posts', 'related-posts' ) },
				el( components.RangeControl, {
					label: __( 'Most posts', 'related-posts' ),
					min: 1,
					max: 20,
					value: attributes.limit,
					onChange: function ( value ) {
						props.setAttributes( { limit: value } );
					},
				} ),
				el( components.TextControl, {
					label: __( 'Heading', 'related-posts' ),
					value: attributes.heading || '',
					onChange: function ( value ) {
						props.setAttributes( { heading: value } );
					},
				} ),
				el( components.SelectControl, {
					label: __( 'Layout', 'related-posts' ),
					value: attributes.layout,
					options: [ 'list', 'grid', 'text' ].map( function ( name ) {
						return { value: name, label: name };
					} ),
					onChange: function ( value ) {
						props.setAttributes( { layout: value } );
					},
				} ),
				toggle( props, 'thumbnail', __( 'Pictures', 'related-posts' ) ),
				toggle( props, 'excerpt', __( 'Excerpts', 'related-posts' ) ),
				toggle( props, 'date', __( 'Dates', 'related-posts' ) )
			)
		);
		var shown = el( ServerSideRender, {
			block: 'related-posts/list',
			attributes: attributes,
			EmptyResponsePlaceholder: function () {
				return el( 'p', null, __( 'Nothing is related yet. The list appears once the post is published and known to the service.', 'related-posts' ) );
			},
		} );
		return el( 'div', editor.useBlockProps(), controls, el( components.Disabled, null, shown ) );
	}

	blocks.registerBlockType( 'related-posts/list', {
		apiVersion: 2,
		title: __( 'Related posts', 'related-posts' ),
		icon: 'list-view',
		category: 'widgets',
		edit: edit,
		save: function () {
			return null;
		},
	} );
} )( window.wp.blocks, window.wp.element, window.wp.blockEditor, window.wp.components, window.wp.serverSideRender, window.wp.i18n );
